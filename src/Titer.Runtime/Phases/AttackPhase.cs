using Titer.Runtime.Phases.Measuring;
using Titer.Scenarios;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>
/// An attack trains a defended model within its budget; the host measures harmfulness and utility at t = 0 and along a fine-to-coarse grid
/// of steps, so the attacker cannot hide a step or see a test prompt.
/// </summary>
/// <param name="session">Has the attacker's data; evaluation prompts are the measurement's.</param>
internal sealed class AttackPhase(PhaseOrder order, ScenarioSession session, IMeasurement measurement, IPhaseEvents events,
    CancellationToken cancellation)
{
    private readonly HashSet<int> _grid = [.. EvaluationGrid.Steps(order.Limits.Steps)];
    private readonly Func<TrainingData, AttackData> _data =
        session.PrepareAttackData(ExposedDomains.Of(order.Phase.Exposure, session.Scenario.Domains));

    private readonly TorchState _globals = TorchState.Capture();
    private int _lastStep;
    private bool _isStopped;

    public PhaseResult Play(CausalLanguageModel model, PluginStage stage)
    {
        using var random = new SeededRandom(order.Phase.RandomSeed, session.Device.Device);
        var clock = new PluginClock();
        var meter = new BudgetMeter(order.Limits.ToBudget(model), clock);
        var trainsOn = stage.Manifest.TrainsOn;
        var context = new AttackContext(
            session.Device, model, _data(trainsOn), meter, random,
            new PhaseLogger(events), new StepReport(events), cancellation,
            onStep: () =>
            {
                if (_grid.Contains((int)meter.Steps)) Measure(model, meter, (int)meter.Steps);
                if (_isStopped) meter.End();
            });

        Measure(model, meter, step: 0);
        model.Meter = meter;
        stage.Calling = PluginCalls.ReportedTo(events, clock);
        meter.Start();
        var fault = stage.Attack(context, order.Phase.Attack!.Options);
        events.Report(new PhaseProgress(PhaseStage.Evaluating));
        meter.Stop();
        model.Meter = null;
        var failure = (fault is { IsBudgetExceeded: false } ? PluginFaultResult.Of(order, "attack", fault) : null)
            ?? PluginFaultResult.OfGlobals(order, "attack", _globals);
        if (failure is not null) return failure with { Spent = meter.ToSpent() };

        var (steps, returned) = (StepsSpent(meter), WeightsMark.Of(model));
        if (!_isStopped && (steps > _lastStep || (steps == 0 && IsChanged(model)))) Measure(model, meter, Math.Max(1, steps));
        return PluginFaultResult.OfChangedWeights(order, "attack", returned, model) is { } changed
            ? changed with { Spent = meter.ToSpent() }
            : order.Phase.Done() with { Spent = meter.ToSpent(), Trajectory = measurement.End() };
    }

    /// <summary>Steps that were declared, or that the samples amount to when a plugin trains without calling Step().</summary>
    private int StepsSpent(BudgetMeter meter)
    {
        if (order.Limits.Samples is not { } samples) return Math.Min((int)meter.Steps, order.Limits.Steps);
        var undeclared = (int)Math.Ceiling((double)meter.Samples * order.Limits.Steps / samples);
        return Math.Min(Math.Max((int)meter.Steps, meter.Steps == 0 ? undeclared : 0), order.Limits.Steps);
    }

    /// <summary>Against the released weights, read again: a copy kept in memory would be one for every attack.</summary>
    private bool IsChanged(CausalLanguageModel model)
    {
        using var released = session.LoadSubject(order.WeightsFile);
        return !released.Arena.HasSameValues(model.Arena);
    }

    private void Measure(CausalLanguageModel model, BudgetMeter meter, int step)
    {
        if (_isStopped) return;
        using var suspended = meter.Suspend();
        _isStopped = measurement.Measure(model, step, meter.Spent);
        _lastStep = step;
    }
}
