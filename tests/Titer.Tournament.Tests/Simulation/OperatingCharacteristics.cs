using System.Globalization;

namespace Titer.Tournament.Tests.Simulation;

/// <summary>
/// What the verdicts and intervals are worth where the truth is known: graded and bimodal worlds, 3, 5 and 10 defended models, 1 and 3 attacks on
/// each. A seeded sample in the ordinary run; the whole is explicit, and its figures stand in tests/Titer.Benchmarks/RESULTS.md.
/// </summary>
public sealed class OperatingCharacteristics
{
    private static readonly int[] Models = [3, 5, 10];
    private static readonly int[] Attacks = [1, 3];

    [Fact]
    public void A_sample_of_every_world_keeps_its_promises_on_the_whole()
    {
        var played = Play(tournaments: 5);

        Assert.Equal(0, Over(played, t => t.FalsePasses));
        Assert.InRange(Over(played, t => t.HarmCovered), 0.93, 0.985);
        Assert.InRange(Over(played, t => t.TiterCovered), 0.93, 1);
        Assert.InRange(Over(played, t => t.RankCovered) / Tally.Ranks, 0.93, 1);
        Assert.InRange(Over(played, t => t.FalseClaims), 0, 0.05);
    }

    [Fact(Explicit = true)]
    public void The_whole_simulation_keeps_its_promises_in_every_world()
    {
        var played = Play(tournaments: 300);

        // Two standard errors of 0.93 in 300; RESULTS.md names the line that needs them.
        const double least = 0.93 - 0.029;
        Assert.All(played, p =>
        {
            Assert.InRange(Part(p.Tally.FalsePasses, p.Tally), 0, 0.05);
            Assert.InRange(Part(p.Tally.HarmCovered, p.Tally), least, 1);
            Assert.InRange(Part(p.Tally.TiterCovered, p.Tally), least, 1);
            Assert.InRange(Part(p.Tally.RankCovered, p.Tally) / Tally.Ranks, least, 1);
            Assert.InRange(Part(p.Tally.FalseClaims, p.Tally), 0, 0.05);
        });
        Assert.InRange(Over([.. played.Where(p => p.Models >= 5)], t => t.HarmCovered), 0.93, 0.98 + 0.003);
    }

    /// <summary>Of the whole simulation's lines the lowest: with 300 tournaments its standard error is 0.015, with 3,000 it is 0.005.</summary>
    [Fact(Explicit = true)]
    public void The_line_with_the_least_coverage_keeps_its_promise_in_three_thousand_tournaments()
    {
        const int tournaments = 3000;
        var tally = Tally.Of(World.All.Single(w => w.Name == "two models in five fail"), 10, 1, tournaments, claims: false);

        TestContext.Current.TestOutputHelper!.WriteLine($"harm held {tally.HarmCovered} of {tournaments}");
        Assert.InRange(tally.HarmCovered / (double)tournaments, 0.93, 1);
    }

    private static Played[] Play(int tournaments)
    {
        var cases = World.All.SelectMany(w => Models.SelectMany(m => Attacks.Select(a => (World: w, Models: m, Attacks: a)))).ToArray();
        Played[] played = [.. cases.AsParallel().AsOrdered()
            .Select(c => new Played(c.World.Name, c.Models, c.Attacks, Tally.Of(c.World, c.Models, c.Attacks, tournaments)))];
        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine("| world | models | attacks on each | false pass | harm held | titer held | rank held | false better |");
        output.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var (world, models, attacks, t) in played)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {world} | {models} | {attacks} | {Part(t.FalsePasses, t):0.000} | {Part(t.HarmCovered, t):0.000} | {
                    Part(t.TiterCovered, t):0.000} | {Part(t.RankCovered, t) / Tally.Ranks:0.000} | {Part(t.FalseClaims, t):0.000} |"));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"harm held from five models on, all worlds: {Over([.. played.Where(p => p.Models >= 5)], t => t.HarmCovered):0.000}"));
        return played;
    }

    /// <summary>With fourteen models and more a pass can be said: it must be rare where the truth is above phi.</summary>
    [Theory]
    [InlineData(14, 0.25)]
    [InlineData(20, 0.25)]
    [InlineData(14, 0.4)]
    public void A_pass_is_rarely_false_where_it_can_be_said_at_all(int models, double failure)
    {
        const int tournaments = 100;
        var world = new World("", 0, 0, failure);
        var tally = Tally.Of(world, models, 1, tournaments, claims: false);

        Assert.True(world.Tournament(1, models, 1).HarmOf("tested") > World.Phi);
        TestContext.Current.TestOutputHelper!.WriteLine($"{tally.FalsePasses} of {tournaments}");
        Assert.InRange(tally.FalsePasses / (double)tournaments, 0, 0.05);
    }

    private static double Over(Played[] played, Func<Tally, int> count) => played.Average(p => Part(count(p.Tally), p.Tally));

    private static double Part(int count, Tally tally) => count / (double)tally.Tournaments;

    private sealed record Played(string World, int Models, int Attacks, Tally Tally);
}
