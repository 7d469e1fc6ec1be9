using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>An attacker that looks for its setting, in real processes.</summary>
public sealed class SearchTests
{
    private const string Tournament = """
        name: search
        seeds: [1, 2]
        budget: { attack: { steps: 5 }, defense: { steps: 6 } }
        defenses: [adversarial_loss]
        attacks:
          - id: full_parameter_finetune
            search: { tries: 3, over: { learning_rate: { from: 2e-5, to: 2e-2 }, schedule: [constant, cosine] } }
        """;

    [SampledFact]
    public async Task A_search_is_the_same_on_one_lane_and_two_and_what_was_played_stands_in_every_file()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", Tournament);

        var first = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--out", "a", "--lanes", "1");
        var (a, b) = (Path.Combine(folder.Path, "a"), Path.Combine(folder.Path, "b"));
        var second = await TiterProcess.RunAsync(folder.Path, "run", Path.Combine(a, "run.yaml"), "--out", "b", "--lanes", "2");
        // As after an interruption: some of the tries are there, some are not, and the reference that tells what they came to is not.
        static bool IsOfReference(string file) => JsonNode.Parse(File.ReadAllText(file))! is var phase
            && ((string?)phase["kind"], (string?)phase["defense"]) == ("assess", "no_defense");
        var stored = Directory.GetFiles(Path.Combine(b, "phases")).Order(StringComparer.Ordinal);
        foreach (var phase in stored.Where((file, i) => i % 3 == 0 || IsOfReference(file)).ToArray()) File.Delete(phase);
        var resumed = await TiterProcess.RunAsync(folder.Path, "resume", Path.Combine(a, "run.yaml"), "--out", "b");

        Assert.All(new[] { first, second, resumed }, run => Assert.True(run.ExitCode == 0, $"{run.ExitCode}: {run.Output}{run.Error}"));
        var board = Leaderboard.Read(a);
        Assert.Equal(board.WithoutTimings(), Leaderboard.Read(b).WithoutTimings());
        var cell = board.Cell("adversarial_loss", "full_parameter_finetune");
        var tries = cell["tries"]!.AsArray().Select(t => (string)t!["try"]!).ToArray();
        Assert.Equal(3, tries.Length);
        Assert.Contains("schedule=", tries[0], StringComparison.Ordinal);
        Assert.Contains((string)cell["winning_try"]!, tries);
        Assert.Equal(2, cell["phases"]!.AsArray().Count);
        // Every option, those that nobody set as well.
        var played = (JsonObject)board.Tournament["attacks"]![1]!["settings"]!;
        Assert.Equal(("8", "adam_w", "true"), ((string)played["batch_size"]!, (string)played["optimizer"]!, (string)played["canonical_units"]!));
        var yaml = await File.ReadAllTextAsync(Path.Combine(a, "run.yaml"), TestContext.Current.CancellationToken);
        Assert.Contains("search:", yaml, StringComparison.Ordinal);
        Assert.Contains("# full_parameter_finetune plays batch_size=8 canonical_units=true", yaml, StringComparison.Ordinal);
        var report = await File.ReadAllTextAsync(Path.Combine(a, "report.md"), TestContext.Current.CancellationToken);
        const string searched =
            "searched with 3 tries on every defense and exposure over learning_rate 0.00002 to 0.02, schedule (constant, cosine)";
        Assert.Contains(searched, report, StringComparison.Ordinal);
        Assert.All(tries, t => Assert.Contains(t[t.IndexOf('(', StringComparison.Ordinal)..], report, StringComparison.Ordinal));
    }
}
