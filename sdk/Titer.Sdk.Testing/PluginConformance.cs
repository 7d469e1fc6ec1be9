using Titer.Runtime.Conformance;

namespace Titer.Sdk.Testing;

/// <summary>
/// The conformance checks as methods, for any test framework: one public virtual method per fact, which throws when the fact does not hold.
/// Derive one class per plugin and call the methods from tests; override one to leave it out, and say why.
/// </summary>
public abstract class PluginConformance : IDisposable
{
    private readonly Lazy<ConformanceRun> _run;

    protected PluginConformance() => _run = new Lazy<ConformanceRun>(() => ConformanceRun.Of(PluginType, Create, TrainsOn, Seed));

    /// <summary>What every trial's randomness comes from; part of every failure's message.</summary>
    public virtual ulong Seed => 20240216;

    /// <summary>The defense or attack under test.</summary>
    protected abstract Type PluginType { get; }

    /// <summary>What an attack declares; null means what its assembly's attribute says.</summary>
    protected virtual TrainingData? TrainsOn => null;

    /// <summary>A new plugin for one trial, with options under which a few steps on a tiny model are a fair test.</summary>
    protected abstract object Create();

    /// <summary>A finding that is neither a pass nor a failure: skipped, or a warning. Test frameworks that can say so override it.</summary>
    protected virtual void Note(ConformanceFinding finding)
    {
        // Plain frameworks have no word for it.
    }

    public virtual void IsMade() => Demand(ConformanceChecks.IsMade);

    public virtual void PlaysWithoutFault() => Demand(ConformanceChecks.PlaysWithoutFault);

    public virtual void SameSeedSameWeights() => Demand(ConformanceChecks.SameSeedSameWeights);

    public virtual void OtherSeedPlays() => Demand(ConformanceChecks.OtherSeedPlays);

    public virtual void KeepsToSteps() => Demand(ConformanceChecks.KeepsToSteps);

    public virtual void KeepsToSamplesAndTokens() => Demand(ConformanceChecks.KeepsToSamplesAndTokens);

    public virtual void KeepsToSeconds() => Demand(ConformanceChecks.KeepsToSeconds);

    public virtual void ChargesWhatItTrains() => Demand(ConformanceChecks.ChargesWhatItTrains);

    public virtual void ReportsRisingSteps() => Demand(ConformanceChecks.ReportsRisingSteps);

    public virtual void LeavesFiniteWeights() => Demand(ConformanceChecks.LeavesFiniteWeights);

    public virtual void KeepsShapesAndTypes() => Demand(ConformanceChecks.KeepsShapesAndTypes);

    public virtual void PlaysOnAnotherShape() => Demand(ConformanceChecks.PlaysOnAnotherShape);

    public virtual void PlaysOnMinimalData() => Demand(ConformanceChecks.PlaysOnMinimalData);

    public virtual void LeavesDataAlone() => Demand(ConformanceChecks.LeavesDataAlone);

    public virtual void TrainsOnWhatItDeclares() => Demand(ConformanceChecks.TrainsOnWhatItDeclares);

    public virtual void LeavesNoTensors() => Demand(ConformanceChecks.LeavesNoTensors);

    public virtual void LeavesTorchStateAlone() => Demand(ConformanceChecks.LeavesTorchStateAlone);

    public virtual void LeavesGlobalGeneratorAlone() => Demand(ConformanceChecks.LeavesGlobalGeneratorAlone);

    public virtual void PrintsNothing() => Demand(ConformanceChecks.PrintsNothing);

    public virtual void OptionsRoundTrip() => Demand(ConformanceChecks.OptionsRoundTrip);

    public virtual void UsesNoClockOrGlobalRandomness() => Demand(ConformanceChecks.UsesNoClockOrGlobalRandomness);

    public virtual void Unloads() => Demand(ConformanceChecks.Unloads);

    public virtual void StopsWhenCancelled() => Demand(ConformanceChecks.StopsWhenCancelled);

    /// <summary>All findings, failed ones included; throws for none of them.</summary>
    public IReadOnlyList<ConformanceFinding> Findings() => [.. _run.Value.AskAll()];

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing && _run.IsValueCreated) _run.Value.Dispose();
    }

    /// <summary>Asks one check.</summary>
    /// <exception cref="HarnessAssertionException">It failed.</exception>
    protected void Demand(ConformanceCheck check)
    {
        var finding = _run.Value.Ask(check);
        if (finding.Outcome == ConformanceOutcome.Failed) throw new HarnessAssertionException($"{finding} (seed {Seed})");
        if (finding.Outcome != ConformanceOutcome.Passed) Note(finding);
    }
}
