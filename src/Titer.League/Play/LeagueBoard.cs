using System.Threading.Channels;
using Titer.Files;
using Titer.League.Standing;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Runtime.Seasons;
using Titer.Runtime.Submissions;
using Titer.Runtime.Tournaments;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.League.Play;

/// <summary>
/// Hears what is played and keeps the board: folded again after phases that ended, and never so often that folding is what the host does. The files
/// are those of a run (<see cref="RunRecords"/>), and <c>league.json</c> beside them. Thread-safe.
/// </summary>
internal sealed class LeagueBoard(RunFolder folder, LeagueLedger ledger, LeagueLog log, SupersededRows superseded, RestingOpinions opinions,
    TimeProvider clock) : IRunObserver
{
    /// <summary>Between two folds.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(300);

    /// <summary>A fold that takes long is followed by a pause of this many times that.</summary>
    private const int PausesPerFold = 4;

    private static readonly TimeSpan VerdictsEvery = TimeSpan.FromSeconds(2);

    /// <summary>Phases that are named as the next ones.</summary>
    private const int NamedNext = 5;

    private readonly Lock _hearing = new();
    /// <summary>Holds something when there is something to fold.</summary>
    private readonly Channel<bool> _heard =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly SeasonBoards _seasons = new(folder.Path);
    private readonly Dictionary<string, Phase> _phases = [];
    private readonly Dictionary<string, PhaseResult> _results = [];
    private readonly Dictionary<string, RunningPhase> _running = [];
    private readonly List<QuarantineEntry> _setAside = [];
    private TournamentSpec? _spec;
    private TournamentFile? _file;
    private LeagueActivity? _said;
    private bool _isResting;
    private DateTime _verdicts = SubmissionVerdict.Stamp(folder.Path);

    /// <summary>Of defenses, by id.</summary>
    public IReadOnlyDictionary<string, int> Priorities { get; init; } = new Dictionary<string, int>();

    /// <summary>The file that plays again what is played from here on.</summary>
    public void Use(TournamentFile file)
    {
        lock (_hearing) _file = file;
    }

    /// <summary>What is played from here on, with what of it is there.</summary>
    public void Planned(TournamentSpec spec, TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> results)
    {
        lock (_hearing)
        {
            _spec = spec;
            _phases.Clear();
            _results.Clear();
            foreach (var phase in plan.Phases) _phases.TryAdd(phase.Id, phase);
            foreach (var (id, result) in results) _results[id] = result;
        }

        Wake();
    }

    public void Added(IReadOnlyList<Phase> phases)
    {
        lock (_hearing)
        {
            foreach (var phase in phases)
            {
                _phases[phase.Id] = phase;
                _results.Remove(phase.Id);
            }
        }

        Wake();
    }

    public void Started(Phase phase)
    {
        lock (_hearing) _running[phase.Id] = new RunningPhase(phase.Id, phase.Title, clock.GetUtcNow());
        Wake();
    }

    public void Progressed(Phase phase, PhaseProgress progress)
    {
        // A line of the phase's log; the board has results only.
    }

    public void Finished(Phase phase, PhaseResult result)
    {
        lock (_hearing)
        {
            _running.Remove(phase.Id);
            if (_phases.ContainsKey(phase.Id)) _results[phase.Id] = result;
            else superseded.Judge(phase.Defense);
        }

        log.Say($"{phase.Title}: {Outcome(result)} ({result.WallSeconds:0.0} s)");
        Wake();
    }

    public void Lost(Phase phase, string why)
    {
        lock (_hearing) _running.Remove(phase.Id);
        log.Write(LeagueEventKind.Fault, $"{phase.Title}: no result; {why}");
        Wake();
    }

    public void SetAside(QuarantineEntry entry)
    {
        lock (_hearing) _setAside.Add(entry);
        Wake();
    }

    public void Noticed(string notice) => log.Write(LeagueEventKind.Noticed, notice);

    /// <summary>Says what the host is at, where that is not what the phases tell; null leaves it to them.</summary>
    public void Say(LeagueActivity? activity)
    {
        lock (_hearing) _said = activity;
        Wake();
    }

    /// <summary>Folds whenever something was heard, until it is stopped.</summary>
    public async Task KeepAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await HearAsync(stop);
                var began = clock.GetTimestamp();
                await FoldAsync();
                var pause = clock.GetElapsedTime(began) * PausesPerFold;
                await Task.Delay(pause > ShortestPause ? pause : ShortestPause, clock, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                log.Write(LeagueEventKind.Fault, $"The board could not be written, and is written with the next phase: {e.Message}");
            }
        }
    }

    /// <summary>Ends when something was heard, or a submission was verified, which nobody says.</summary>
    private async Task HearAsync(CancellationToken stop)
    {
        while (true)
        {
            var verdicts = SubmissionVerdict.Stamp(folder.Path);
            var isNew = verdicts != _verdicts;
            _verdicts = verdicts;
            if (isNew) return;
            using var look = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var heard = _heard.Reader.WaitToReadAsync(look.Token).AsTask();
            var isHeard = await Task.WhenAny(heard, Task.Delay(VerdictsEvery, clock, look.Token)) == heard;
            await look.CancelAsync();
            stop.ThrowIfCancellationRequested();
            if (isHeard && _heard.Reader.TryRead(out _)) return;
        }
    }

    /// <summary>Judges what is there and writes it.</summary>
    public async Task FoldAsync()
    {
        TournamentSpec spec;
        TournamentFile? file;
        Dictionary<string, PhaseResult> results;
        LeagueActivity activity;
        int planned;
        RunningPhase[] running;
        HashSet<string> open;
        ILookup<(string, string), Phase> rows;
        TournamentPlan known;
        lock (_hearing)
        {
            if (_spec is null) return;
            (spec, file) = (QuarantineRefusal.Marked(_spec, _setAside), _file);
            results = new Dictionary<string, PhaseResult>(_results);
            running = [.. _running.Values.OrderBy(r => r.Since)];
            open = [.. PhaseQueue.Open(new TournamentPlan([.. _phases.Values], []), results, e => _setAside.Exists(s => s.Holds(e)))
                .Select(p => p.Id)];
            activity = _said ?? (running.Length > 0 || open.Count > 0 ? LeagueActivity.Playing : LeagueActivity.Idle);
            planned = _phases.Count;
            known = new TournamentPlan([.. _phases.Values], []);
            rows = _phases.Values.ToLookup(p => (p.Defense.Id, p.Defense.ContentHash));
        }

        spec = SubmissionVerdict.On(spec, folder.Path);
        if (file is not null) RunRecords.Write(folder, file, spec);
        RunRecords.Write(folder, spec);
        var report = _seasons.Mark(TournamentFold.Report(spec, TournamentPlan.From(spec), results));
        var rests = running.Length == 0 && activity != LeagueActivity.Playing;
        RunRecords.Write(folder, rests ? report with { Opinions = await opinions.OfAsync(results) } : report);
        superseded.Judge(ledger);
        var playing = running.Select(r => r.Id).ToHashSet();
        EntryProgress ProgressOf(LeagueEntry entry)
        {
            var own = rows[(entry.Id, entry.ContentHash)];
            return EntryProgress.Of(own, results, own.Count(p => playing.Contains(p.Id)), own.Count(p => open.Contains(p.Id)));
        }

        bool IsUnplanned(LeagueEntry entry) => entry is { Kind: PluginKind.Defense, State: EntryState.Standing }
            && !rows.Contains((entry.Id, entry.ContentHash));

        var settled = FairOrder.Settled(spec, known, results).Order(StringComparer.Ordinal).ToArray();
        var next = PhaseQueue.Missing(FairOrder.Of(spec, known, results, Priorities), results).Where(p => !playing.Contains(p.Id)).Take(NamedNext)
            .Select(p => p.Title).ToArray();
        // A host that waits for drops, for days perhaps, leaves the machine to others.
        if (activity == LeagueActivity.Idle && !_isResting) HostMemory.GiveBack();
        _isResting = activity == LeagueActivity.Idle;
        ledger.Change(document => document with
        {
            // What was accepted a moment ago is planned in the next one.
            Activity = activity == LeagueActivity.Idle && document.Entries.Any(IsUnplanned) ? LeagueActivity.Playing : activity,
            Planned = planned,
            Done = results.Count,
            Left = open.Count,
            Running = running,
            Next = next,
            Settled = settled,
            Entries = [.. document.Entries.Select(e => e.Kind != PluginKind.Defense || e.State == EntryState.Superseded ? e
                : e with { Progress = ProgressOf(e) })],
        });
    }

    private static string Outcome(PhaseResult result) => result.Status == PhaseStatus.Done ? "done"
        : VisibleText.OnOneLine($"{result.Status.ToString().ToLowerInvariant()}; {result.Code} {result.Reason}", 500);

    private void Wake() => _heard.Writer.TryWrite(true);
}
