using System.Text.RegularExpressions;

namespace Titer.EndToEnd.Tests;

/// <summary>An attack that needs the subject's public parent, in a process of its own behind the sandbox.</summary>
public sealed partial class ParentWeightsTests
{
    private static readonly string Embedded = Path.Combine(TiterProcess.Repository, "src", "Titer.Scenarios", "Apothecary", "content");

    [SampledFact]
    public async Task An_attack_goes_back_to_the_public_parent_where_the_scenario_declares_it()
    {
        using var folder = new TestFolder();
        foreach (var file in Directory.EnumerateFiles(Embedded, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder.Path, "public", Path.GetRelativePath(Embedded, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        var yaml = await File.ReadAllTextAsync(Path.Combine(folder.Path, "public", "scenario.yaml"), TestContext.Current.CancellationToken);
        // The subject itself is public.
        folder.Write("public/scenario.yaml", Pin().Replace(yaml, "$0\n  parent_weights: subject\n  parent_sha256: $1", 1));
        folder.Write("t.yaml", """
            name: public
            scenario: ./public
            seeds: [1]
            budget: { defense: { steps: 40 } }
            defenses: [gradient_ascent]
            attacks: [{ id: delta_strip, set: { strip_trials: 4, ablation_trials: 40 } }]
            """);

        var run = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml");

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        var cell = Leaderboard.Read(Path.Combine(folder.Path, "results", "public")).Cell("gradient_ascent", "delta_strip");
        // The defense ruined the model; what comes back does harm at no loss of utility against the undefended subject.
        Assert.True((double)cell["min_utility_ratio"]! < 0.1 && (int)cell["runs_broken"]! == 1, cell.ToJsonString());
        Assert.Equal((0.0, 1), ((double)cell["breach_frontier"]![0]!["utility_loss"]!, (int)cell["breach_frontier"]![0]!["broken"]!));
    }

    [GeneratedRegex("sha256: ([0-9a-f]{64})")]
    private static partial Regex Pin();
}
