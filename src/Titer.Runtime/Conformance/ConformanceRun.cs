using Titer.Models.Native;
using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Sdk;

namespace Titer.Runtime.Conformance;

/// <summary>
/// Asks the checks of one plugin. Most of them read the sensors of one common trial, so asking all costs little more than asking one. Trials
/// look at process-wide state: one at a time in a process, whatever the number of runs.
/// </summary>
internal sealed class ConformanceRun : IDisposable
{
    private const ulong DefaultSeed = 20240216;

    private readonly ConformanceCandidate _candidate;
    private readonly SubjectMaterial? _material;
    private readonly Lazy<PluginProblem?> _makingProblem;
    private TrialOutcome? _common;
    private string _asking = "";
    private string? _stuckIn;

    private ConformanceRun(ConformanceCandidate candidate, ulong seed, TrialOrder? order = null)
    {
        (_candidate, Seed) = (candidate, seed);
        _makingProblem = new Lazy<PluginProblem?>(candidate.TryMake);
        NativeTorch.EnsureLoaded();
        _material = order is null ? null : SubjectMaterial.Open(order);
    }

    /// <summary>What every trial's randomness comes from.</summary>
    public ulong Seed { get; }

    /// <summary>Checks a class of this process.</summary>
    /// <param name="make">A new object of it for every trial.</param>
    /// <param name="trainsOn">What an attack declares; null means what its assembly's attribute says.</param>
    public static ConformanceRun Of(Type plugin, Func<object> make, TrainingData? trainsOn = null, ulong seed = DefaultSeed)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        ArgumentNullException.ThrowIfNull(make);
        var manifest = TypeManifest.Of(plugin);
        return new ConformanceRun(new TypeCandidate(manifest with { TrainsOn = trainsOn ?? manifest.TrainsOn }, plugin, make), seed);
    }

    /// <summary>Checks a plugin in its folder, loaded as tournaments load it.</summary>
    /// <param name="order">Whose phases the trials are to look like; null takes a small random model.</param>
    public static ConformanceRun Of(PluginRoot root, InstalledPlugin plugin, ulong seed = DefaultSeed, TrialOrder? order = null) =>
        new(new FolderCandidate(root, plugin), seed, order);

    /// <summary>Never throws for what the plugin does.</summary>
    public ConformanceFinding Ask(ConformanceCheck check)
    {
        ArgumentNullException.ThrowIfNull(check);
        var number = Checks.TakeWhile(c => c != check).Count() + 1;
        using var turn = ProcessTurn.Take();
        var answer = !Checks.Contains(check)
            ? CheckAnswer.Skipped(Manifest.Kind == PluginKind.Metric ? "A metric plays no phase." : "It is no metric.")
            : _stuckIn is not null ? CheckAnswer.Skipped($"The plugin did not come back from \"{_stuckIn}\".")
            : Answer(check);
        var isNamed = answer.Outcome is ConformanceOutcome.Failed or ConformanceOutcome.Warned;
        return new ConformanceFinding(number, check.Name, answer.Outcome, isNamed ? check.Code : null, answer.Fact, answer.Fix);
    }

    /// <summary>All checks, one by one.</summary>
    public IEnumerable<ConformanceFinding> AskAll() => Checks.Select(Ask);

    private IReadOnlyList<ConformanceCheck> Checks => ConformanceChecks.For(Manifest.Kind);

    public void Dispose() => _candidate.Dispose();

    internal PluginManifest Manifest => _candidate.Manifest;

    internal ConformanceCandidate Candidate => _candidate;

    internal bool IsDefense => Manifest.Kind == PluginKind.Defense;

    /// <summary>Why there is no plugin to play; null when there is.</summary>
    internal PluginProblem? MakingProblem => _makingProblem.Value;

    /// <summary>The trial that most checks look at; played once.</summary>
    internal TrialOutcome Common => _common ??= Try(AsPlayed);

    /// <summary>As a phase plays it, where there is a tournament to play as; else as the others are.</summary>
    internal TrialSettings AsPlayed => _material is null ? Settings : Settings with { IsMadeUp = false, TrainsOn = null };

    /// <summary>On a made-up model: what only asks for an end takes no subject.</summary>
    internal TrialSettings Settings => new() { Seed = Seed };

    internal TrialOutcome Try(TrialSettings settings)
    {
        using var stage = _candidate.Open();
        return Try(settings, stage);
    }

    internal TrialOutcome Try(TrialSettings settings, PluginStage stage)
    {
        var outcome = new ConformanceTrial(settings, _material).Play(stage);
        if (outcome.IsStuck) _stuckIn = _asking;
        return outcome;
    }

    /// <summary>Asks one new object of the metric these questions, one after the other.</summary>
    internal (IReadOnlyList<double[]?> Scores, PluginFault? Fault) Score(IReadOnlyList<MetricContext> questions)
    {
        using var stage = _candidate.Open();
        return Score(questions, stage);
    }

    internal (IReadOnlyList<double[]?> Scores, PluginFault? Fault) Score(IReadOnlyList<MetricContext> questions, PluginStage stage)
    {
        if (stage.Problem is { } problem) return ([], PluginFault.Refusal(null, problem));
        var scores = new List<double[]?>();
        stage.Watch = new Patience();
        var fault = stage.Score(questions, new Dictionary<string, string>(), scores);
        if (fault is { Kind: "Timeout" }) _stuckIn = _asking;
        return (scores, fault);
    }

    /// <summary>For checks that say nothing of a plugin that cannot play.</summary>
    internal CheckAnswer OfCommon(Func<TrialOutcome, CheckAnswer> judge) =>
        MakingProblem is null && Common.IsComplete
            ? judge(Common)
            : CheckAnswer.Skipped($"It needs a run to the end: see \"{ConformanceChecks.PlaysWithoutFault.Name}\".");

    private CheckAnswer Answer(ConformanceCheck check)
    {
        _asking = check.Name;
        try
        {
            var answer = check.Ask(this);
            return _stuckIn is null || answer.Outcome == ConformanceOutcome.Failed ? answer
                : CheckAnswer.Failed($"It did not come back within {ConformanceTrial.Deadline.TotalSeconds:0} s.",
                    "Bound every loop, and call context.Step() in it.");
        }
        catch (Exception e)
        {
            // What a plugin left behind can fail anywhere in the host's own measurement.
            return CheckAnswer.Failed($"The check could not be finished: {e.GetType().Name}: {e.Message}",
                "Look for what the plugin leaves behind: disposed weights, replaced tensors.");
        }
    }

    private sealed class Patience : IStageWatch
    {
        public TimeSpan Deadline => ConformanceTrial.Deadline;

        public void Entered()
        {
            // Nothing is measured of a metric's thread but its end.
        }

        public void Left()
        {
            // As above.
        }
    }
}
