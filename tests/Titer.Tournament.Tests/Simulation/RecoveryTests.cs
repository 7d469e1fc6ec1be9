namespace Titer.Tournament.Tests.Simulation;

/// <summary>On tournaments with known truth the ranking finds the order; <see cref="OperatingCharacteristics"/> asks the intervals.</summary>
public sealed class RecoveryTests
{
    [Fact]
    public void The_ranking_finds_a_known_order()
    {
        const int simulations = 40;
        string[] order = ["d", "c", "b", "a", "no_defense"];
        var (right, claims, wrong) = (0, 0, 0);
        for (var i = 0; i < simulations; i++)
        {
            var tournament = new SimulatedTournament(i)
            {
                Seeds = 6,
                SeedSpread = 0.2,
                Resistance = order.Reverse().Select((name, rank) => (name, rank)).ToDictionary(d => d.name, d => 2 + 1.25 * d.rank),
            };
            var report = tournament.Report(tournament.Spec());
            if (report.Rows.Select(r => r.Defense).SequenceEqual(order)) right++;
            claims += report.Comparisons.Count(c => c.IsSignificant);
            wrong += report.Comparisons.Count(c => c.IsSignificant && Array.IndexOf(order, c.First) > Array.IndexOf(order, c.Second));
            Assert.Equal(order, report.Ratings.OrderByDescending(r => r.LogOdds).Select(r => r.Defense));
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{right} of {simulations} in order; {claims} claims of {10 * simulations}, {wrong} wrong");
        Assert.InRange(right / (double)simulations, 0.95, 1);
        Assert.Equal(0, wrong);
        // A little over one doubling apart, six models: most differences are there to be seen.
        Assert.InRange(claims / (10.0 * simulations), 0.5, 1);
    }
}
