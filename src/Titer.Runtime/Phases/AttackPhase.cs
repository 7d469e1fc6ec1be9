using Titer.Files;
using Titer.Files.Codes;
using Titer.Plugins;
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
    private IReadOnlyList<PromptWrapper> _wrappers = [];
    private MetricFaultException? _metricFault;
    private Evaluation? _last;
    private bool _isStopped;

    /// <param name="then">The attack that goes on where the first one ended, within the same budget; null for one attack alone.</param>
    public PhaseResult Play(CausalLanguageModel model, PluginStage stage, PluginStage? then = null)
    {
        using var random = new SeededRandom(order.Phase.RandomSeed, session.Device.Device);
        var clock = new PluginClock();
        var meter = new BudgetMeter(order.Limits.ToBudget(), clock) { Leg = then is null ? null : Math.Max(1, order.Limits.Steps / 2) };
        Measure(model, meter, step: 0);
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
        // First: it ended the attack, and whatever the attack made of that end says nothing.
        if (_metricFault is { } metric) return order.Phase.Failed(PhaseStatus.Error, metric.Code,
            ((ICoded)metric).Text) with { Spent = meter.ToSpent() };
        var failure = (fault is { IsBudgetExceeded: false } ? PluginFaultResult.Of(order, "attack", fault)
            : null) ?? PluginFaultResult.OfGlobals(order, "attack", _globals);
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

    private PluginFault? Run(PluginStage stage, IReadOnlyDictionary<string, string> options, CausalLanguageModel model, BudgetMeter meter,
        SeededRandom random, PluginClock clock)
    {
        var context = new AttackContext(
            session.Device, model, session.AttackData(AttackedDomains(), stage.Manifest.TrainsOn), meter, random,
            new PhaseLogger(events), new StepReport(events), cancellation,
            onStep: () =>
            {
                if (_grid.Contains((int)meter.Steps)) Measure(model, meter, (int)meter.Steps);
                if (_isStopped || meter.Steps >= order.Phase.LastStep) meter.End();
            },
            text: session.Text(),
            onAsk: wrappers => Ask(model, meter, wrappers),
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

    private string[] AttackedDomains() => order.Phase.Exposure switch
    {
        Exposure.InDomain => [.. session.Scenario.Domains.Known],
        Exposure.CrossDomain => [.. session.Scenario.Domains.Withheld],
        _ => [.. session.Scenario.Domains.Known, .. session.Scenario.Domains.Withheld],
    };

    /// <summary>
    /// How the attacker asks from now on. Step 0 is measured again, of the released weights whatever the plugin did to its model meanwhile.
    /// </summary>
    private void Ask(CausalLanguageModel model, BudgetMeter meter, IReadOnlyList<PromptWrapper> wrappers)
    {
        var room = model.Shape.MaxLength + 1 - session.Scenario.Evaluation.MaxNewTokens;
        foreach (var wrapper in wrappers)
        {
            if (session.LongestPrompt(AttackedDomains(), wrapper) is var longest && longest > room)
                throw new ArgumentException($"TITER312 Under wrapper '{VisibleText.OnOneLine(wrapper.Name, 40)}' a prompt has {longest} tokens; "
                    + $"the model has room for {room}. Shorten it.");
        }

        if (_checkpoints[^1].Step > 0)
        {
            AskFromHere(model, meter, wrappers);
            return;
        }

        _wrappers = [.. _wrappers, .. wrappers];
        _checkpoints.Clear();
        _samples.Clear();
        using var released = session.LoadSubject(order.WeightsFile);
        Measure(released, meter, step: 0);
    }

    /// <summary>
    /// The second of two attacks asks in a way that the first one did not: earlier points have the plain answers for it, which were theirs, and the
    /// model as it is now is measured with it.
    /// </summary>
    private void AskFromHere(CausalLanguageModel model, BudgetMeter meter, IReadOnlyList<PromptWrapper> wrappers)
    {
        string[] names = [.. wrappers.Select(w => PromptTemplate.OfAttacker + w.Name)];
        if (names.Intersect(_last!.Templates).FirstOrDefault() is { } taken)
            throw new ArgumentException($"TITER312 The first attack has a wrapper '{VisibleText.OnOneLine(taken, 40)}' too. Rename one of the two.");
        _wrappers = [.. _wrappers, .. wrappers];
        var (steps, plain) = ((int)meter.Steps, _last.Templates[0]);
        if (_checkpoints[^1].Step == steps)
        {
            _checkpoints.RemoveAt(_checkpoints.Count - 1);
            _samples.RemoveAll(s => s.Step == steps);
        }

        for (var i = 0; i < _checkpoints.Count; i++)
        {
            var (own, coherence) = (_checkpoints[i].Harm, _checkpoints[i].HarmCoherence!);
            _checkpoints[i] = _checkpoints[i] with
            {
                Harm = [.. own, .. names.Select(_ => own[0])],
                HarmCoherence = [.. coherence, .. names.Select(_ => coherence[0])],
            };
        }

        _samples.AddRange(_samples.Where(s => s.Sample.Set == SampleSet.Harm && s.Sample.Template == plain).ToArray()
            .SelectMany(s => names.Select(name => s with { Sample = s.Sample with { Template = name } })));
        Measure(model, meter, steps);
    }

    private void Measure(CausalLanguageModel model, BudgetMeter meter, int step)
    {
        if (_isStopped) return;
        using var suspended = meter.Suspend();
        events.Report(new PhaseProgress(PhaseStage.Evaluating, step));
        // Called from the middle of the plugin's loop: its settings must not reach the evaluation.
        var theirs = TorchState.Capture();
        _globals.Restore();
        try
        {
            _last = session.Evaluate(model, AttackedDomains(), _wrappers);
        }
        catch (MetricFaultException e) when (model.Meter is not null)
        {
            // Not through the plugin's code, which may catch it.
            (_metricFault, _isStopped) = (e, true);
            return;
        }
        finally
        {
            theirs.Restore();
        }

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
