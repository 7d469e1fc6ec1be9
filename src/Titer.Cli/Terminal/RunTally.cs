using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Cli.Terminal;

/// <summary>How far a run is: what both progress views show.</summary>
internal sealed class RunTally(int alreadyDone, int total, int lanes)
{
    private const int MostNews = 5;

    private readonly Queue<string> _news = [];
    private readonly Dictionary<PhaseKind, (int Count, double Seconds)> _played = [];
    private readonly Dictionary<string, (Phase Phase, PhaseProgress Progress)> _running = [];
    private readonly Dictionary<PhaseKind, int> _left = [];
    private readonly long _started = TimeProvider.System.GetTimestamp();

    public int Done { get; private set; } = alreadyDone;

    public int Failed { get; private set; }

    public int Total { get; private set; } = total;

    public TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(_started);

    public IEnumerable<(Phase Phase, PhaseProgress Progress)> Running => _running.Values;

    /// <summary>The last things that an operator should know.</summary>
    public IReadOnlyCollection<string> News => _news;

    public void Plan(IEnumerable<Phase> pending)
    {
        foreach (var group in pending.GroupBy(p => p.Kind)) _left[group.Key] = _left.GetValueOrDefault(group.Key) + group.Count();
    }

    /// <summary>Phases that were not in the plan at first.</summary>
    public void Add(IReadOnlyList<Phase> phases)
    {
        Total += phases.Count;
        Plan(phases);
    }

    public void Start(Phase phase) => _running[phase.Id] = (phase, new PhaseProgress(PhaseStage.Loading));

    public void Progress(Phase phase, PhaseProgress progress)
    {
        if (!_running.TryGetValue(phase.Id, out var last)) return;
        // A line without a figure keeps the last one known.
        var known = last.Progress;
        _running[phase.Id] = (phase,
            progress with { Loss = progress.Loss ?? known.Loss, Harm = progress.Harm ?? known.Harm, Step = Math.Max(progress.Step, known.Step) });
    }

    public void Finish(Phase phase, PhaseResult result)
    {
        _running.Remove(phase.Id);
        Done++;
        if (result.Status != PhaseStatus.Done) Failed++;
        var (count, seconds) = _played.GetValueOrDefault(phase.Kind);
        _played[phase.Kind] = (count + 1, seconds + result.WallSeconds);
        _left[phase.Kind] = _left.GetValueOrDefault(phase.Kind) - 1;
    }

    /// <summary>The machine failed under a phase: it is not running any more, and still to be played.</summary>
    public void Lose(Phase phase, string why)
    {
        _running.Remove(phase.Id);
        Notice($"{phase.Title}: no result; {why}");
    }

    public void Notice(string notice)
    {
        _news.Enqueue(notice);
        if (_news.Count > MostNews) _news.Dequeue();
    }

    /// <summary>Time left, from the mean duration of each kind so far; null before anything is known.</summary>
    public TimeSpan? Eta
    {
        get
        {
            var count = _played.Values.Sum(p => p.Count);
            if (count < lanes) return null;
            var mean = _played.Values.Sum(p => p.Seconds) / count;
            var seconds = _left.Sum(left => Math.Max(0, left.Value)
                * (_played.TryGetValue(left.Key, out var played) ? played.Seconds / played.Count : mean));
            return TimeSpan.FromSeconds(seconds / lanes);
        }
    }

    /// <summary><c>1:05</c>.</summary>
    public static string Clock(TimeSpan time) => FormattableString.Invariant($"{(int)time.TotalMinutes}:{time.Seconds:00}");
}
