using System.Diagnostics;
using System.Diagnostics.Metrics;
using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Tournaments;

/// <summary>
/// A run as a trace with a span a phase, and as metrics, for whoever listens in this process; without a listener it costs nothing. Names are those
/// of the page of the command line.
/// </summary>
internal sealed class TelemetryRun : IRunObserver, IDisposable
{
    /// <summary>Of the source of spans and of the meter.</summary>
    public const string SourceName = "Titer";

    private static readonly ActivitySource Source = new(SourceName);
    private static readonly Meter Meter = new(SourceName);
    private static readonly Counter<long> Phases = Meter.CreateCounter<long>("titer.phases", "{phase}", "Phases that have a result.");
    private static readonly Counter<long> Faults = Meter.CreateCounter<long>("titer.faults", "{phase}", "Times that the machine failed a phase.");
    private static readonly UpDownCounter<long> Running = Meter.CreateUpDownCounter<long>("titer.phases.running", "{phase}", "Phases under way.");
    private static readonly Histogram<double> Seconds = Meter.CreateHistogram<double>("titer.phase.duration", "s", "Of a phase, on a wall clock.");
    private static readonly Histogram<double> Megabytes = Meter.CreateHistogram<double>("titer.phase.memory", "MBy", "Peak of a phase, resident.");

    private readonly IRunObserver _observer;
    private readonly Activity? _run;
    private readonly Dictionary<string, Activity?> _spans = [];

    public TelemetryRun(IRunObserver observer, TournamentSpec spec)
    {
        _observer = observer;
        _run = Source.StartActivity("titer run");
        _run?.SetTag("titer.tournament", spec.Name).SetTag("titer.scenario", spec.Scenario).SetTag("titer.device", spec.Device)
            .SetTag("titer.version", spec.HostVersion);
    }

    public void Added(IReadOnlyList<Phase> phases) => _observer.Added(phases);

    public void Planned(TournamentSpec spec, TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> results) =>
        _observer.Planned(spec, plan, results);

    public void SetAside(QuarantineEntry entry) => _observer.SetAside(entry);

    public void Started(Phase phase)
    {
        var span = Source.CreateActivity(phase.Title, ActivityKind.Internal, _run?.Context ?? default);
        span?.SetTag("titer.phase.id", phase.Id).SetTag("titer.phase.kind", KindOf(phase)).SetTag("titer.defense", phase.Defense.Label)
            .SetTag("titer.attack", phase.Attack?.Label).SetTag("titer.seed", phase.Seed);
        Restart(span);
        lock (_spans) _spans[phase.Id] = span;
        Running.Add(1, new KeyValuePair<string, object?>("kind", KindOf(phase)));
        _observer.Started(phase);
    }

    public void Progressed(Phase phase, PhaseProgress progress) => _observer.Progressed(phase, progress);

    public void Finished(Phase phase, PhaseResult result)
    {
        var tags = new TagList { { "kind", KindOf(phase) }, { "status", Word(result.Status) } };
        Phases.Add(1, tags);
        Seconds.Record(result.WallSeconds, tags);
        Megabytes.Record(result.PeakMemoryMegabytes, tags);
        var span = End(phase);
        span?.SetTag("titer.status", Word(result.Status)).SetTag("titer.code", result.Code).SetTag("titer.steps", result.Spent.Steps);
        span?.SetStatus(result.Status == PhaseStatus.Done ? ActivityStatusCode.Ok : ActivityStatusCode.Error, result.Code);
        span?.Dispose();
        _observer.Finished(phase, result);
    }

    public void Lost(Phase phase, string why)
    {
        Faults.Add(1, new KeyValuePair<string, object?>("kind", KindOf(phase)));
        using (var span = End(phase)) span?.SetStatus(ActivityStatusCode.Error, why);
        _observer.Lost(phase, why);
    }

    public void Noticed(string notice)
    {
        _run?.AddEvent(new ActivityEvent(notice));
        _observer.Noticed(notice);
    }

    /// <summary>Ends the trace.</summary>
    public void Dispose() => _run?.Dispose();

    private Activity? End(Phase phase)
    {
        Running.Add(-1, new KeyValuePair<string, object?>("kind", KindOf(phase)));
        lock (_spans) return _spans.Remove(phase.Id, out var span) ? span : null;
    }

    /// <summary>Phases play side by side: none of them is what the next one is a part of.</summary>
    private static void Restart(Activity? span)
    {
        var before = Activity.Current;
        span?.Start();
        Activity.Current = before;
    }

    private static string KindOf(Phase phase) => phase.Kind.ToString().ToLowerInvariant();

    private static string Word(PhaseStatus status) => status.ToString().ToLowerInvariant();
}
