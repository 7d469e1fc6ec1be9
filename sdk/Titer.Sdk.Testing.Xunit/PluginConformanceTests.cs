using Titer.Runtime.Conformance;

namespace Titer.Sdk.Testing.Xunit;

/// <summary>
/// Every conformance check as a fact. An override of a fact needs the attribute again, with its reason to skip:
/// <c>[Fact(Skip = "...")] public override void ...</c>.
/// </summary>
public abstract class PluginConformanceTests : PluginConformance
{
    [Fact(DisplayName = "It is made with its default options")]
    public override void IsMade() => base.IsMade();

    [Fact(DisplayName = "It plays without a fault")]
    public override void PlaysWithoutFault() => base.PlaysWithoutFault();

    [Fact(DisplayName = "It gives bit-equal weights for the same seed")]
    public override void SameSeedSameWeights() => base.SameSeedSameWeights();

    [Fact(DisplayName = "It plays with another seed")]
    public override void OtherSeedPlays() => base.OtherSeedPlays();

    [Fact(DisplayName = "It respects the step budget")]
    public override void KeepsToSteps() => base.KeepsToSteps();

    [Fact(DisplayName = "It respects the budgets of samples and tokens")]
    public override void KeepsToSamplesAndTokens() => base.KeepsToSamplesAndTokens();

    [Fact(DisplayName = "It respects the budget of seconds")]
    public override void KeepsToSeconds() => base.KeepsToSeconds();

    [Fact(DisplayName = "It charges the training that it does")]
    public override void ChargesWhatItTrains() => base.ChargesWhatItTrains();

    [Fact(DisplayName = "It reports rising steps")]
    public override void ReportsRisingSteps() => base.ReportsRisingSteps();

    [Fact(DisplayName = "It leaves finite weights")]
    public override void LeavesFiniteWeights() => base.LeavesFiniteWeights();

    [Fact(DisplayName = "It keeps shapes and data types")]
    public override void KeepsShapesAndTypes() => base.KeepsShapesAndTypes();

    [Fact(DisplayName = "It plays on a model of another shape")]
    public override void PlaysOnAnotherShape() => base.PlaysOnAnotherShape();

    [Fact(DisplayName = "It plays on one example of each kind")]
    public override void PlaysOnMinimalData() => base.PlaysOnMinimalData();

    [Fact(DisplayName = "It leaves its data alone")]
    public override void LeavesDataAlone() => base.LeavesDataAlone();

    [Fact(DisplayName = "It trains on what it declares")]
    public override void TrainsOnWhatItDeclares() => base.TrainsOnWhatItDeclares();

    [Fact(DisplayName = "It leaves no live tensors")]
    public override void LeavesNoTensors() => base.LeavesNoTensors();

    [Fact(DisplayName = "It leaves torch's global state alone")]
    public override void LeavesTorchStateAlone() => base.LeavesTorchStateAlone();

    [Fact(DisplayName = "It leaves torch's global generator alone")]
    public override void LeavesGlobalGeneratorAlone() => base.LeavesGlobalGeneratorAlone();

    [Fact(DisplayName = "It prints nothing")]
    public override void PrintsNothing() => base.PrintsNothing();

    [Fact(DisplayName = "It reads its options back as written")]
    public override void OptionsRoundTrip() => base.OptionsRoundTrip();

    [Fact(DisplayName = "It uses no clock and no randomness of its own")]
    public override void UsesNoClockOrGlobalRandomness() => base.UsesNoClockOrGlobalRandomness();

    [Fact(DisplayName = "It unloads")]
    public override void Unloads() => base.Unloads();

    [Fact(DisplayName = "It stops within a second of cancellation")]
    public override void StopsWhenCancelled() => base.StopsWhenCancelled();

    /// <summary>Warnings go to the test's output, what says nothing of this plugin is a skipped test.</summary>
    protected override void Note(ConformanceFinding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        if (finding.Outcome == ConformanceOutcome.Skipped) Assert.Skip(finding.Fact ?? finding.Name);
        TestContext.Current.TestOutputHelper?.WriteLine($"warning: {finding}");
    }
}

/// <summary>The checks of a defense: derive from it, with <c>Create</c> where the defaults are no fair test of a few steps.</summary>
public abstract class DefenseConformanceTests<TDefense> : PluginConformanceTests
    where TDefense : class, IDefense
{
    protected override Type PluginType => typeof(TDefense);

    /// <summary>With default options, unless overridden.</summary>
    protected override object Create() => PluginDefaults.Make(typeof(TDefense));
}

/// <inheritdoc cref="DefenseConformanceTests{TDefense}"/>
public abstract class AttackConformanceTests<TAttack> : PluginConformanceTests
    where TAttack : class, IAttack
{
    protected override Type PluginType => typeof(TAttack);

    /// <inheritdoc cref="DefenseConformanceTests{TDefense}.Create"/>
    protected override object Create() => PluginDefaults.Make(typeof(TAttack));
}
