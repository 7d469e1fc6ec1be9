using Titer.Runtime.Conformance;
using Titer.Runtime.Conformance.Checks;
using Titer.Sdk.Testing.Tests.Misbehaving;

namespace Titer.Sdk.Testing.Tests;

/// <summary>Each check has a plugin that fails it and nothing else.</summary>
public sealed class MisbehavingTests
{
    private static readonly (Type Plugin, string Code)[] All =
    [
        (typeof(ThrowsWhilePlaying), "TITER802"),
        (typeof(PlaysDifferentlyEachTime), "TITER803"),
        (typeof(KnowsOneSeed), "TITER804"),
        (typeof(TakesTenSteps), "TITER805"),
        (typeof(IgnoresSamples), "TITER806"),
        (typeof(IgnoresSeconds), "TITER807"),
        (typeof(EditsWeightsForFree), "TITER808"),
        (typeof(ReportsBackwards), "TITER809"),
        (typeof(LeavesNaN), "TITER810"),
        (typeof(LeavesAnAdapter), "TITER811"),
        (typeof(KnowsOneWidth), "TITER812"),
        (typeof(NeedsTwoExamples), "TITER813"),
        (typeof(WritesIntoItsData), "TITER814"),
        (typeof(AsksForMoreThanItDeclares), "TITER815"),
        (typeof(KeepsTensors), "TITER816"),
        (typeof(SetsTheDefaultType), "TITER817"),
        (typeof(LeavesGradientsOff), "TITER817"),
        (typeof(DrawsGlobally), "TITER818"),
        (typeof(Prints), "TITER819"),
        (typeof(ClampsItsOptions), "TITER820"),
        (typeof(StopsLate), "TITER823"),
    ];

    public static TheoryData<Type, string> Plugins => new(Sampled.From(All, 7));

    [Theory]
    [MemberData(nameof(Plugins))]
    public void It_fails_exactly_one_check(Type plugin, string code)
    {
        using var run = Run(plugin);

        var failed = run.AskAll().Where(f => f.Outcome == ConformanceOutcome.Failed).ToArray();

        Assert.True(failed is [var only] && only.Code == code, string.Join('\n', failed.Select(f => $"{f}")));
        Assert.False(string.IsNullOrEmpty(failed[0].Fact) || string.IsNullOrEmpty(failed[0].Fix));
    }

    [Fact]
    public void An_attack_that_declares_more_than_it_uses_is_warned()
    {
        using var run = Run(typeof(StopsLate));

        Assert.Equal(ConformanceOutcome.Warned, run.Ask(ConformanceChecks.TrainsOnWhatItDeclares).Outcome);
    }

    [Fact]
    public void The_lint_names_clocks_and_randomness_of_ones_own()
    {
        _ = (DateTime.UtcNow, new Random(), Guid.NewGuid());

        var found = ClockLint.In(typeof(MisbehavingTests).Assembly.Location).ToArray();

        Assert.Contains("DateTime.UtcNow", found);
        Assert.Contains("new Random()", found);
        Assert.Contains("Guid.NewGuid", found);
        Assert.DoesNotContain("Random.Shared", found);
    }

    [Fact]
    public void A_plugin_that_cannot_play_skips_what_needs_a_run()
    {
        using var run = Run(typeof(ThrowsWhilePlaying));

        var finding = run.Ask(ConformanceChecks.LeavesNoTensors);

        Assert.Equal((ConformanceOutcome.Skipped, null), (finding.Outcome, finding.Code));
    }

    [Fact]
    public void Without_a_test_framework_a_failed_fact_is_an_exception_with_code_fact_and_fix()
    {
        using var conformance = new OneWidth();

        conformance.IsMade();
        conformance.Unloads();
        var thrown = Assert.Throws<HarnessAssertionException>(conformance.PlaysOnAnotherShape);

        Assert.Contains(
            "TITER812 On a model of 3 blocks, width 40 and 5 heads it ended with System.ArgumentException: this defense is for width 24.",
            thrown.Message, StringComparison.Ordinal);
        Assert.EndsWith("(seed 20240216)", thrown.Message, StringComparison.Ordinal);
    }

    private static ConformanceRun Run(Type plugin) => ConformanceRun.Of(
        plugin, () => PluginDefaults.Make(plugin), plugin == typeof(AsksForMoreThanItDeclares) ? TrainingData.Benign : null);

    private sealed class OneWidth : PluginConformance
    {
        protected override Type PluginType => typeof(KnowsOneWidth);

        protected override object Create() => new KnowsOneWidth();
    }
}
