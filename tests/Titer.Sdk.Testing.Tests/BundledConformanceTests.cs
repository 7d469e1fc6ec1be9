using Titer.Attacks.LoraFinetune;
using Titer.Defenses.RepNoise;
using Titer.Plugins;
using Titer.Runtime.Conformance;
using Titer.Sdk.Testing.Xunit;

namespace Titer.Sdk.Testing.Tests;

/// <summary>An author's whole conformance suite, for a defense.</summary>
public sealed class RepNoiseConformance : DefenseConformanceTests<RepNoise>;

/// <summary>And for an attack with options of its own.</summary>
public sealed class LoraFinetuneConformance : AttackConformanceTests<LoraFinetune>
{
    protected override object Create() => new LoraFinetune(new LoraFinetuneOptions(BatchSize: 4, Rank: 2));
}

public sealed class BundledConformanceTests
{
    public static TheoryData<string> Plugins =>
        [.. Sampled.From(Directory.EnumerateDirectories(Repository.Bundled).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal), 6)];

    [Theory]
    [MemberData(nameof(Plugins))]
    public void A_bundled_plugin_passes_every_check_as_it_is_loaded(string folder)
    {
        using var root = PluginRoot.Create();
        using var run = ConformanceRun.Of(root, new PluginGate().Inspect(Path.Combine(Repository.Bundled, folder)).Plugin!);

        var findings = run.AskAll().ToArray();

        Assert.Equal(ConformanceChecks.All.Count, findings.Length);
        Assert.DoesNotContain(findings, f => f.Outcome is ConformanceOutcome.Failed or ConformanceOutcome.Warned);
        Assert.Equal(Enumerable.Range(1, findings.Length), findings.Select(f => f.Number));
    }

    [Theory]
    [InlineData("ThrowsInConstructor", "TITER801")]
    [InlineData("LeakyTimer", "TITER822")]
    public void A_fixture_fails_the_check_that_it_was_made_for(string fixture, string code)
    {
        using var root = PluginRoot.Create();
        using var run = ConformanceRun.Of(root, new PluginGate().Inspect(Repository.Fixture(fixture)).Plugin!);

        Assert.Contains(code, run.AskAll().Where(f => f.Outcome == ConformanceOutcome.Failed).Select(f => f.Code));
    }

    [Fact]
    public void Codes_and_names_are_unique_and_of_the_published_range()
    {
        var checks = ConformanceChecks.All;

        Assert.Equal(checks.Count, checks.Select(c => c.Code).Distinct().Count());
        Assert.Equal(checks.Count, checks.Select(c => c.Name).Distinct().Count());
        Assert.All(checks, c => Assert.InRange(int.Parse(c.Code[5..], System.Globalization.CultureInfo.InvariantCulture), 801, 829));
    }
}
