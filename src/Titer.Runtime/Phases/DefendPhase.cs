using Titer.Models.Checkpoints;
using Titer.Runtime.Phases.Measuring;
using Titer.Scenarios;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>A defense changes the subject's weights within its budget; the host releases what it left.</summary>
internal sealed class DefendPhase(PhaseOrder order, ScenarioSession session, IRelease release, IPhaseEvents events, CancellationToken cancellation)
{
    private readonly DefenseData _data = session.DefenseData();

    public PhaseResult Play(CausalLanguageModel model, PluginStage stage)
    {
        using var random = new SeededRandom(order.Phase.RandomSeed, session.Device.Device);
        var clock = new PluginClock();
        var meter = new BudgetMeter(order.Limits.ToBudget(model), clock);
        var context = new DefenseContext(
            session.Device, model, _data, meter, random,
            new PhaseLogger(events), new StepReport(events), cancellation);

        var globals = TorchState.Capture();
        model.Meter = meter;
        stage.Calling = PluginCalls.ReportedTo(events, clock);
        meter.Start();
        var fault = stage.Immunize(context, order.Phase.Defense.Options);
        events.Report(new PhaseProgress(PhaseStage.Evaluating));
        meter.Stop();
        model.Meter = null;

        var failure = (fault is null ? null : PluginFaultResult.Of(order, "defense", fault))
            ?? PluginFaultResult.OfGlobals(order, "defense", globals);
        if (failure is not null) return failure with { Spent = meter.ToSpent() };
        if (model.Projections.Any(p => p.Adapter is not null))
            return order.Phase.Failed(PhaseStatus.Error, "TITER210",
                "The defense left a LoRA adapter attached, and only weights are released. Call LoraAdapter.Merge().") with { Spent =
                    meter.ToSpent() };

        var returned = WeightsMark.Of(model);
        try
        {
            release.Release(model);
        }
        catch (Exception e) when (e is CheckpointException or InvalidDataException)
        {
            return order.Phase.Failed(PhaseStatus.Invalid, "TITER205",
                $"The defended weights cannot be released: {e.Message} A defense changes values only.") with { Spent = meter.ToSpent() };
        }

        return (PluginFaultResult.OfChangedWeights(order, "defense", returned, model) ?? order.Phase.Done()) with { Spent = meter.ToSpent() };
    }
}
