using Titer.Files.Codes;
using Titer.Plugins;
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
    private readonly HashSet<int> _grid = [.. EvaluationGrid.Steps(order.Limits.Steps, order.IsMeasuredCoarsely)];
    private readonly Func<TrainingData, AttackData> _data =
        session.PrepareAttackData(ExposedDomains.Of(order.Phase.Exposure, session.Scenario.Domains));

    private readonly TorchState _globals = TorchState.Capture();
    private ICoded? _metricFault;
    private int _lastStep;
    private bool _isStopped;

    /// <param name="then">The attack that goes on where the first one ended, within the same budget; null for one attack alone.</param>
    public PhaseResult Play(CausalLanguageModel model, PluginStage stage, PluginStage? then = null)
    {
        using var random = new SeededRandom(order.Phase.RandomSeed, session.Device.Device);
        var clock = new PluginClock();
        var meter = new BudgetMeter(order.Limits.ToBudget(model), clock) { Leg = then is null ? null : Math.Max(1, order.Limits.Steps / 2) };
        Measure(meter, step: 0, () => measurement.Measure(model, 0, meter.Spent));
        model.Meter = meter;
        meter.Start();
        var fault = Run(stage, order.Phase.Attack!.Options, model, meter, random, clock);
        if (then is not null && fault is null or { IsBudgetExceeded: true } && !_isStopped)
        {
            // Half of the steps are the first one's at most; what it leaves is the second one's.
            meter.Leg = null;
            using var own = random.Fork("then");
            fault = Run(then!, order.Phase.Attack.Then!.Options, model, meter, own, clock);
        }

        events.Report(new PhaseProgress(PhaseStage.Evaluating));
        meter.Stop();
        model.Meter = null;
        return End(model, meter, fault) with { Spent = meter.ToSpent() };
    }

    private PhaseResult End(CausalLanguageModel model, BudgetMeter meter, PluginFault? fault)
    {
        // First: it ended the attack, and whatever the attack made of that end says nothing.
        if (_metricFault is { } metric) return order.Phase.Failed(PhaseStatus.Error, metric.Code, metric.Text);
        var failure = (fault is { IsBudgetExceeded: false } ? PluginFaultResult.Of(order, "attack", fault) : null)
            ?? PluginFaultResult.OfGlobals(order, "attack", _globals);
        if (failure is not null) return failure;

        var (steps, returned) = (StepsSpent(meter), WeightsMark.Of(model));
        if (!_isStopped && (steps > _lastStep || (steps == 0 && IsChanged(model))))
        {
            var last = Math.Max(1, steps);
            Measure(meter, last, () => measurement.Measure(model, last, meter.Spent));
        }

        return PluginFaultResult.OfChangedWeights(order, "attack", returned, model)
            ?? order.Phase.Done() with { Trajectory = measurement.End() };
    }

    private PluginFault? Run(PluginStage stage, IReadOnlyDictionary<string, string> options, CausalLanguageModel model, BudgetMeter meter,
        SeededRandom random, PluginClock clock)
    {
        var trainsOn = stage.Manifest.TrainsOn;
        var context = new AttackContext(
            session.Device, model, _data(trainsOn), meter, random,
            new PhaseLogger(events), new StepReport(events), cancellation,
            onStep: () =>
            {
                var step = (int)meter.Steps;
                if (_grid.Contains(step) && !_isStopped) Look(meter, step, () => measurement.Measure(model, step, meter.Spent));
                if (_isStopped || meter.Steps >= order.Phase.LastStep) meter.End();
            },
            text: session.Text(),
            onAsk: wrappers => Look(meter, (int)meter.Steps, () => measurement.Ask(model, wrappers, (int)meter.Steps, meter.Spent)),
            loadParent: stage.Manifest.NeedsParent && session.Scenario.ParentFolder is not null ? () => session.LoadParent()! : null);
        stage.Calling = PluginCalls.ReportedTo(events, clock);
        return stage.Attack(context, options);
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

    /// <summary>
    /// In the middle of the plugin's code: what a metric did instead of scoring ends the phase, and not through code that may catch it.
    /// </summary>
    private void Look(BudgetMeter meter, int step, Func<bool> measure)
    {
        if (_metricFault is not null) return;
        try
        {
            Measure(meter, step, measure);
        }
        catch (Exception e) when (e is MetricFaultException or UnreadAnswersException)
        {
            (_metricFault, _isStopped) = ((ICoded)e, true);
        }
    }

    private void Measure(BudgetMeter meter, int step, Func<bool> measure)
    {
        using var suspended = meter.Suspend();
        _isStopped = measure();
        _lastStep = step;
    }
}
