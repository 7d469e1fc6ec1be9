namespace Titer.Tournament.Tests.Simulation;

/// <summary>On tournaments with known truth, intervals hold it as often as they say, and the ranking finds the order.</summary>
public sealed class RecoveryTests
{
    private static readonly Dictionary<string, double> Undefended = new() { ["no_defense"] = 7 };

    /// <summary>Seeds that differ little, as much as prompts, and more than prompts; three, five and eight of them.</summary>
    [Fact]
    public void Intervals_of_harmfulness_hold_the_truth_95_times_in_100()
    {
        const int simulations = 150;
        var (covered, all) = (0, 0);
        foreach (var (seeds, spread) in new[] { (3, 0.0), (3, 0.3), (3, 0.8), (5, 0.0), (5, 0.3), (5, 0.8), (8, 0.3), (8, 0.8) })
        {
            for (var i = 0; i < simulations; i++)
            {
                var tournament = new SimulatedTournament(1000 * seeds + i) { Seeds = seeds, SeedSpread = spread, Resistance = Undefended };
                var cell = tournament.Report(tournament.Spec()).Cells.First(c => c.Exposure == Exposure.InDomain);
                var truth = tournament.HarmAt("no_defense", SimulatedTournament.BudgetSteps);
                all++;
                if (cell.MaxHarmLow <= truth && truth <= cell.MaxHarmHigh) covered++;
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{covered} of {all}");
        Assert.InRange(covered / (double)all, 0.93, 0.97);
    }

    /// <summary>
    /// Costs are read off a grid, so the truth is the grid's: the first look after the true crossing. Drawing few seeds with replacement
    /// makes these intervals wide rather than wrong.
    /// </summary>
    [Fact]
    public void Intervals_of_titers_hold_the_truth_at_least_93_times_in_100()
    {
        const int simulations = 80;
        var (covered, all) = (0, 0);
        var grid = EvaluationGrid.Steps(SimulatedTournament.BudgetSteps);
        foreach (var (seeds, spread) in new[] { (3, 0.2), (3, 0.5), (5, 0.2), (5, 0.5), (8, 0.5) })
        {
            for (var i = 0; i < simulations; i++)
            {
                var tournament = new SimulatedTournament(7000 * seeds + i) { Seeds = seeds, SeedSpread = spread, Resistance = new Dictionary<string, double> { ["no_defense"] = 3, ["vaccine"] = 5.5 } };
                var row = tournament.Report(tournament.Spec()).Rows.Single(r => r.Defense == "vaccine");
                double OnGrid(string defense) => grid.First(g => g >= tournament.CostOf(defense, 0.2));
                var truth = OnGrid("vaccine") / OnGrid("no_defense");
                all++;
                if (row.TiterValue.Low <= truth + 1e-9 && truth - 1e-9 <= row.TiterValue.High) covered++;
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{covered} of {all}");
        Assert.InRange(covered / (double)all, 0.93, 1);
    }

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
                Seeds = 5,
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
        // A little over one doubling apart, five seeds: most differences are there to be seen.
        Assert.InRange(claims / (10.0 * simulations), 0.5, 1);
    }
}
