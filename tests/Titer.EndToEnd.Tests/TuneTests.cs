using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>A defense whose options are looked for against attackers, in real processes.</summary>
public sealed class TuneTests
{
    private const string Small = """
        name: small
        seeds: [1, 2]
        budget: { attack: { steps: 4 }, defense: { steps: 10 } }
        attacks:
          - { id: full_parameter_finetune, set: { learning_rate: 0.0003 } }
        """;

    [SampledFact]
    public async Task A_tuning_writes_every_try_with_what_it_cost_and_goes_on_where_it_was()
    {
        using var folder = new TestFolder();
        folder.Write("t.yaml", Small);
        string[] Command(int tries) =>
        [
            "tune", "adversarial_loss", "t.yaml", "--over", "learning_rate=1e-4..1e-2", "--tries", $"{tries}", "--guard", "utility=0.5",
            "trainability=0", "--out", "tuned",
        ];

        var first = await TiterProcess.RunAsync(folder.Path, Command(2));
        var more = await TiterProcess.RunAsync(folder.Path, Command(3));
        var again = await TiterProcess.RunAsync(folder.Path, [.. Command(3), "--json"]);

        Assert.True((first.ExitCode, more.ExitCode, again.ExitCode) == (0, 0, 0),
            first.Output + first.Error + more.Output + more.Error + again.Error);
        // Nothing was left to play.
        Assert.DoesNotContain("/", string.Concat(again.Error.Split('\n').Where(l => l.Contains("elapsed", StringComparison.Ordinal))),
            StringComparison.Ordinal);
        using (var document = System.Text.Json.JsonDocument.Parse(again.Output))
            await PublishedSchema.HoldsAsync(folder.Path, "tuning", document.RootElement);
        var tuning = JsonNode.Parse(again.Output)!;
        var tries = tuning["tries"]!.AsArray();
        Assert.Equal(3, tries.Count);
        Assert.Empty(tries[0]!["options"]!.AsObject());
        Assert.All(tries.Skip(1), t => Assert.InRange(double.Parse((string)t!["options"]!["learning_rate"]!,
            System.Globalization.CultureInfo.InvariantCulture), 1e-4, 1e-2));
        // Two cells of four steps at most: an attack may stop at a breach that is beyond doubt.
        Assert.All(tries, t => Assert.Equal(10, (int)t!["defense_steps"]!));
        Assert.All(tries, t => Assert.InRange((int)t!["attack_steps"]!, 2, 8));
        Assert.Equal((30, tries.Sum(t => (int)t!["attack_steps"]!)), ((int)tuning["defense_steps"]!, (int)tuning["attack_steps"]!));
        Assert.Equal(["full_parameter_finetune"], tuning["against"]!.AsArray().Select(a => (string)a!));
        // The board of all tries is a results folder as any other; on the other seed stand the published and the best setting.
        Assert.Equal(4, Leaderboard.Read(Path.Combine(folder.Path, "tuned", "screening")).Tournament["defenses"]!.AsArray().Count);
        Assert.Equal([2], Leaderboard.Read(Path.Combine(folder.Path, "tuned")).Tournament["seeds"]!.AsArray().Select(s => (int)s!));
    }

    [Theory]
    [SampledData("TITER648", "--over", "bogus=1,2")]
    [SampledData("TITER648", "--over", "learning_rate=0.01..0.001")]
    [SampledData("TITER648", "--over", "learning_rate=0.001,0.002", "learning_rate=0.001..0.002")]
    [SampledData("TITER649", "--guard", "utility=2")]
    [SampledData("TITER649", "--guard", "harm=0.5")]
    [SampledData("TITER607", "--against", "vaccine")]
    public async Task What_cannot_be_tuned_is_refused_before_anything_is_played(string code, params string[] options)
    {
        using var folder = new TestFolder();
        var refused = await TiterProcess.RunAsync(folder.Path, ["tune", "adversarial_loss", .. options]);

        Assert.Equal(2, refused.ExitCode);
        Assert.StartsWith(code, refused.Error.TrimStart(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "results")));
    }
}
