using Titer.Scenarios;
using Titer.Sdk;
using Titer.Sdk.Models;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>
/// An attack trains a defended model within its budget; the host measures harmfulness and utility at t = 0 and along a fine-to-coarse grid
/// of steps, so the attacker cannot hide a step or see a test prompt.
/// </summary>
internal sealed class AttackPhase(PhaseOrder order, ScenarioSession session, IPhaseEvents events, CancellationToken cancellation)
{
    private readonly List<Checkpoint> _checkpoints = [];
    private readonly HashSet<int> _grid = [.. EvaluationGrid.Steps(order.Limits.Steps)];
    private readonly List<StepSample> _samples = [];
    private readonly TorchState _globals = TorchState.Capture();
    private Evaluation? _last;
    private bool _isStopped;

    public PhaseResult Play(CausalLanguageModel model, PluginStage stage)
    {
        using var random = new SeededRandom(order.Phase.RandomSeed, session.Device.Device);
        var clock = new PluginClock();
        var meter = new BudgetMeter(order.Limits.ToBudget(), clock);
        var trainsOn = stage.Manifest.TrainsOn;
        var context = new AttackContext(
            session.Device, model, session.AttackData(AttackedDomains(), trainsOn), meter, random,
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
        if (!_isStopped && (steps > _checkpoints[^1].Step || (steps == 0 && IsChanged(model)))) Measure(model, meter, Math.Max(1, steps));
        if (PluginFaultResult.OfChangedWeights(order, "attack", returned, model) is { } changed) return changed with { Spent = meter.ToSpent() };
        if (order.OutputSamplesFile is { } file) SampleFile.Write(file, _samples);
        return order.Phase.Done() with
        {
            Spent = meter.ToSpent(),
            Trajectory = new Trajectory
            {
                Templates = _last!.Templates,
                HarmPrompts = _last.HarmPrompts,
                UtilityPrompts = _last.Utility.PromptIds,
                Checkpoints = _checkpoints,
                IsStopped = _isStopped,
            },
        };
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

    private string[] AttackedDomains() => order.Phase.Exposure switch
    {
        Exposure.InDomain => [.. session.Scenario.Domains.Known],
        Exposure.CrossDomain => [.. session.Scenario.Domains.Withheld],
        _ => [.. session.Scenario.Domains.Known, .. session.Scenario.Domains.Withheld],
    };

    private void Measure(CausalLanguageModel model, BudgetMeter meter, int step)
    {
        if (_isStopped) return;
        using var suspended = meter.Suspend();
        events.Report(new PhaseProgress(PhaseStage.Evaluating, step));
        // Called from the middle of the plugin's loop: its settings must not reach the evaluation.
        var theirs = TorchState.Capture();
        _globals.Restore();
        _last = session.Evaluate(model, AttackedDomains());
        theirs.Restore();
        var spent = meter.Spent;
        _checkpoints.Add(new Checkpoint
        {
            Step = step,
            Samples = spent.Samples,
            Tokens = spent.Tokens,
            Flops = spent.Flops,
            DeviceSeconds = spent.WallSeconds,
            Harm = _last.Harm,
            HarmCoherence = _last.HarmCoherence,
            Utility = _last.Utility.Scores,
            Coherence = _last.Coherence,
        });
        _samples.AddRange(_last.Samples.Select(s => new StepSample(step, s)));
        _isStopped = order is { EarlyStopping: { } rule, ReferenceUtility: { } reference }
            && rule.Confirms(_checkpoints[^1], _grid.Count, reference);
        events.Report(new PhaseProgress(PhaseStage.Playing, step, Harm: _last.WorstHarm));
    }
}
