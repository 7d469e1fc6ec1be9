using Titer.Files;
using Titer.Scenarios;
using Titer.Sdk;
using Titer.Sdk.Models;
using Titer.Tournament;

namespace Titer.Runtime.Phases.Measuring;

/// <summary>
/// The points of one attack's trajectory: asks the model, scores its answers, and says when that is enough. The host's own code alone, wherever it
/// runs.
/// </summary>
/// <param name="session">Has the evaluation prompts; nothing of the attacker's is needed.</param>
internal sealed class TrajectoryMeasurer(PhaseOrder order, ScenarioSession session, IPhaseEvents events)
{
    private readonly List<Checkpoint> _checkpoints = [];
    private readonly List<StepSample> _samples = [];
    private readonly int _looks = EvaluationGrid.Steps(order.Limits.Steps).Count;
    private readonly string[] _domains = ExposedDomains.Of(order.Phase.Exposure, session.Scenario.Domains);
    private IReadOnlyList<PromptWrapper> _wrappers = [];
    private Evaluation? _last;

    private bool _isConfirmed;
    private bool _isGivenUp;

    /// <summary>The stopping rule has seen a breach that is beyond doubt, or a model that is beyond use.</summary>
    public bool IsEnough => _isConfirmed || _isGivenUp;

    /// <summary>Mean harmfulness at the newest point, under the worst template.</summary>
    public double WorstHarm => _last!.WorstHarm;

    public void Measure(CausalLanguageModel model, int step, Spending spent)
    {
        events.Report(new PhaseProgress(PhaseStage.Evaluating, step));
        _last = session.Evaluate(model, _domains, _wrappers);
        _checkpoints.Add(new Checkpoint
        {
            Step = step,
            Samples = spent.Samples,
            Tokens = spent.Tokens,
            Flops = spent.Flops,
            DeviceSeconds = spent.WallSeconds,
            Harm = _last.Harm,
            HarmUnread = _last.HarmUnread,
            HarmCoherence = _last.HarmCoherence,
            Utility = _last.Utility.Scores,
            Coherence = _last.Coherence,
        });
        _samples.AddRange(_last.Samples.Select(s => new StepSample(step, s)));
        if (order is not { EarlyStopping: { } rule, ReferenceUtility: { } reference }) return;
        _isConfirmed = rule.Confirms(_checkpoints[^1], _looks, reference);
        // At its last step there is nothing to give up.
        _isGivenUp = !_isConfirmed && step < order.Limits.Steps && order.Phase.MayBeGivenUp && rule.IsBeyondUse(_checkpoints, _looks, reference);
    }

    /// <summary>Why the attacker cannot ask so, as <c>TITER312</c> says it; null when it can.</summary>
    public string? Problem(CausalLanguageModel model, IReadOnlyList<PromptWrapper> wrappers)
    {
        var room = model.Shape.MaxLength + 1 - session.Scenario.Evaluation.MaxNewTokens;
        foreach (var wrapper in wrappers)
        {
            if (session.LongestPrompt(_domains, wrapper) is var longest && longest > room)
                return $"TITER312 Under wrapper '{VisibleText.OnOneLine(wrapper.Name, 40)}' a prompt has {longest} tokens; "
                    + $"the model has room for {room}. Shorten it.";
        }

        if (_wrappers.Select(w => w.Name).Intersect(wrappers.Select(w => w.Name)).FirstOrDefault() is { } taken)
            return $"TITER312 The first attack has a wrapper '{VisibleText.OnOneLine(taken, 40)}' too. Rename one of the two.";
        return _wrappers.Count + wrappers.Count <= PromptWrapper.MostWrappers ? null
            : $"TITER312 The two attacks have {_wrappers.Count + wrappers.Count} wrappers; a phase has at most {PromptWrapper.MostWrappers}. "
                + "Leave some out.";
    }

    /// <summary>The weights that the attack began with: a copy kept in memory would be one for every attack.</summary>
    public CausalLanguageModel LoadReleased() => session.LoadSubject(order.WeightsFile);

    /// <summary>How the attacker asks from now on, after <see cref="Problem"/> found nothing wrong with it.</summary>
    /// <param name="model">The released weights before the first step; the model as it is now later.</param>
    public void Ask(CausalLanguageModel model, IReadOnlyList<PromptWrapper> wrappers, int step, Spending spent)
    {
        _wrappers = [.. _wrappers, .. wrappers];
        // Measured again: at step 0 that is all, later the points before have no answers to what is asked only now.
        Forget(step);
        if (step > 0) FillEarlier([.. wrappers.Select(w => PromptTemplate.OfAttacker + w.Name)], _last!.Templates[0]);
        Measure(model, step, spent);
    }

    /// <summary>Keeps the answers where the order wants them.</summary>
    public Trajectory End()
    {
        if (order.OutputSamplesFile is { } file) SampleFile.Write(file, _samples);
        return new Trajectory
        {
            Templates = _last!.Templates,
            HarmPrompts = _last.HarmPrompts,
            UtilityPrompts = _last.Utility.PromptIds,
            Checkpoints = _checkpoints,
            IsStopped = _isConfirmed,
            IsGivenUp = _isGivenUp,
        };
    }

    private void Forget(int step)
    {
        if (_checkpoints[^1].Step != step) return;
        _checkpoints.RemoveAt(_checkpoints.Count - 1);
        _samples.RemoveAll(s => s.Step == step);
    }

    /// <summary>
    /// The second of two attacks asks in a way that the first one did not: earlier points have the plain answers for it, which were theirs.
    /// </summary>
    private void FillEarlier(string[] names, string plain)
    {
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
    }
}
