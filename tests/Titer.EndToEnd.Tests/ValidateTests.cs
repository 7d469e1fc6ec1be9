using System.Text.Json;

namespace Titer.EndToEnd.Tests;

/// <summary><c>titer plugin validate</c>, as an author runs it before sharing a plugin.</summary>
public sealed class ValidateTests
{
    private const int Steps = 25;
    private static readonly string Bundled =
        Path.Combine(TiterProcess.Repository, "artifacts", "plugins", new DirectoryInfo(AppContext.BaseDirectory).Name.Split('_')[0]);

    public static TheoryData<string> OfBothKinds => [.. Sampled.From(["Titer.Defenses.RepNoise", "Titer.Attacks.LoraFinetune"], 1)];

    [Theory]
    [MemberData(nameof(OfBothKinds))]
    public async Task A_bundled_plugin_plays_by_the_rules(string plugin)
    {
        using var folder = new TestFolder();

        var outcome = await TiterProcess.RunAsync(folder.Path, "plugin", "validate", Path.Combine(Bundled, plugin));

        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error);
        var lines = outcome.Output.Trim().Split('\n');
        Assert.Equal(Steps + 1, lines.Length);
        Assert.StartsWith($"[ 1/{Steps}] passed  is accepted by the gate", lines[0], StringComparison.Ordinal);
        Assert.StartsWith($"[{Steps}/{Steps}] passed  plays as in a tournament", lines[^2], StringComparison.Ordinal);
        Assert.DoesNotContain("failed", outcome.Output, StringComparison.Ordinal);
    }

    public static IEnumerable<TheoryDataRow<string, string, string>> Misbehaving => Sampled.From<TheoryDataRow<string, string, string>>(
    [
        new("ThrowsInMethod", "TITER802", "the method gave up"),
        new("LeakyTimer", "TITER822", "a timer that was not disposed"),
        new("ChangesTorchState", "TITER817", "the default dtype to Float64"),
        new("NanWeights", "TITER810", "not finite"),
        new("OverspendsSteps", "TITER805", "context.Budget.StepsLeft"),
        new("ExitsProcess", "TITER802", "exit code"),
        new("SwallowsEverything", "TITER802", "did not return"),
        new("ApiTooNew", "TITER102", "SDK API 99"),
    ], 2);

    [Theory]
    [MemberData(nameof(Misbehaving))]
    public async Task A_misbehaving_plugin_fails_with_code_and_fix(string fixture, string code, string words)
    {
        using var folder = new TestFolder();

        var outcome = await TiterProcess.RunAsync(folder.Path, "plugin", "validate", Path.Combine(Zoo.Fixtures, fixture));

        Assert.True(outcome.ExitCode == 1, outcome.Output + outcome.Error);
        Assert.True(outcome.Output.Contains(code, StringComparison.Ordinal) && outcome.Output.Contains(words, StringComparison.Ordinal),
            outcome.Output + outcome.Error);
    }

    [SampledFact]
    public async Task A_plugin_that_behaves_in_the_checks_alone_fails_where_it_cannot_tell_that_it_is_looked_at()
    {
        using var folder = new TestFolder();
        folder.Write("t.yaml", "name: brief\nseeds: [1]\nbudget: { attack: { steps: 2 }, defense: { steps: 2 } }\n");

        var outcome = await TiterProcess.RunAsync(folder.Path, "plugin", "validate", Path.Combine(Zoo.Fixtures, "TwoFacedAttack"),
            "--tournament", "t.yaml");

        Assert.True(outcome.ExitCode == 1, outcome.Output + outcome.Error);
        Assert.Contains("passed  plays without a fault", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("TITER828 'attack no_defense by two_faced_attack (in-domain) seed 1' of brief ended as error: TITER201", outcome.Output,
            StringComparison.Ordinal);
        Assert.Contains($"two_faced_attack: 1 of {Steps} failed", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_one_finding_a_line()
    {
        using var folder = new TestFolder();

        var outcome = await TiterProcess.RunAsync(folder.Path, "plugin", "validate", Path.Combine(Zoo.Fixtures, "ThrowsInMethod"), "--json");

        var findings = outcome.Output.Trim().Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(Enumerable.Range(1, Steps), findings.Select(f => f.GetProperty("number").GetInt32()));
        var failed = Assert.Single(findings, f => f.GetProperty("outcome").GetString() == "failed");
        Assert.Equal("TITER802", failed.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_path_without_a_plugin_is_bad_usage()
    {
        using var folder = new TestFolder();

        var outcome = await TiterProcess.RunAsync(folder.Path, "plugin", "validate", "missing");

        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith("TITER100", outcome.Error, StringComparison.Ordinal);
    }
}
