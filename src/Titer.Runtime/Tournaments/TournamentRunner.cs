using System.Threading.Channels;
using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Tournament;

namespace Titer.Runtime.Tournaments;

/// <summary>
/// Plays the phases of a plan that have no result yet, as many at a time as the engine takes: takes them from the queue, has them played, commits
/// what they came to. No phase ends the run: what a plugin does is a result, what the machine does is none.
/// </summary>
/// <param name="engineOf">Makes the engine of a run; disposed at its end.</param>
internal sealed class TournamentRunner(Func<TournamentSpec, ResultStore, IPhaseEngine> engineOf, RunFolder folder, RunAssets assets,
    Quarantine quarantine)
{
    private readonly ResultStore _store = new(folder, assets.Scenario);
    private readonly StoredWeights _weights = new(folder);
    private readonly CrashStreaks _streaks = new(quarantine);
    private readonly List<QuarantineEntry> _setAside = [];
    private readonly Lock _observing = new();
    private MachineFaults _faults = new(int.MaxValue);
    private int _defending;

    /// <summary>What defended weights may take on the disk; null takes what they take.</summary>
    public WeightsQuota? Quota { get; init; }

    /// <summary>On this machine, <paramref name="lanes"/> phases at a time.</summary>
    public TournamentRunner(IPhaseExecutor executor, RunFolder folder, RunAssets assets, Quarantine quarantine, int lanes)
        : this((spec, store) => new LocalEngine(executor, folder, assets, store, spec, lanes), folder, assets, quarantine)
    {
    }

    /// <summary>Draining lets running phases finish; aborting kills them.</summary>
    /// <param name="stored">Results that are there already; null reads them.</param>
    public async Task<RunOutcome> PlayAsync(
        TournamentSpec spec, TournamentPlan plan, IRunObserver observer, CancellationToken drain, CancellationToken abort,
        IReadOnlyDictionary<string, PhaseResult>? stored = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(plan);
        var journal = new RunJournal(folder, TimeProvider.System);
        journal.Opened();
        observer = new JournaledRun(journal, observer);
        using var engine = engineOf(spec, _store);
        _faults = new MachineFaults(engine.MostFaultsInARow);
        var queue = new PhaseQueue(spec, plan, stored ?? _store.Load(spec, plan.Phases));
        ForgetDamagedDefenses(queue, observer);
        var (running, ended) = (0, Channel.CreateUnbounded<(Phase Phase, Task<PhaseOutcome> Outcome)>());
        while (true)
        {
            while (!drain.IsCancellationRequested && !_faults.IsHopeless && !folder.IsTakenOver && running < engine.Lanes
                && Next(queue, running) is { } phase)
            {
                if (!HasWeights(queue, phase, observer)) continue;
                lock (_observing) observer.Started(phase);
                var defended = queue.Results.GetValueOrDefault(phase.DefendPhaseId ?? "");
                var request = new PhaseRequest(spec, phase, defended, TournamentPlan.ReferenceUtility(spec, queue.Results));
                running++;
                if (phase.Kind == PhaseKind.Defend) _defending++;
                var play = Task.Run(() => engine.PlayAsync(request, progress => Progressed(observer, phase, progress), drain, abort),
                    CancellationToken.None);
                _ = play.ContinueWith(task => ended.Writer.TryWrite((phase, task)), CancellationToken.None, TaskContinuationOptions.None,
                    TaskScheduler.Default);
            }

            if (running == 0)
            {
                journal.Closed();
                return new RunOutcome(Marked(spec), queue.Results, _store.PutBack(), _faults.Left);
            }

            var (played, outcome) = await ended.Reader.ReadAsync(CancellationToken.None);
            running--;
            if (played.Kind == PhaseKind.Defend) _defending--;
            Take(queue, played, await outcome, observer);
            Quota?.Enforce(queue);
        }
    }

    /// <summary>Where there is no room for more weights, what needs none is played first.</summary>
    private Phase? Next(PhaseQueue queue, int running) =>
        Quota is null || !queue.HasReadyDefense || Quota.MakeRoom(queue, _defending) ? queue.Next()
        : queue.Next(withDefenses: false) ?? (running == 0 ? queue.Next() : null);

    private void Take(PhaseQueue queue, Phase phase, PhaseOutcome outcome, IRunObserver observer)
    {
        var fault = outcome.Fault;
        PhaseResult? result = null;
        try
        {
            result = outcome.Result is { } played && !outcome.IsStored ? _store.Commit(played) : outcome.Result;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fault = e.Message;
        }

        if (result is not null)
        {
            Finish(queue, phase, result, observer);
            return;
        }

        if (outcome.IsLeft)
        {
            queue.GiveUp(phase);
            return;
        }

        // Aborted: neither a result nor a fault.
        if (fault is null || !_faults.Note(phase, fault)) queue.GiveUp(phase);
        else queue.Return(phase);
        lock (_observing) observer.Lost(phase, fault ?? "It was stopped.");
    }

    private void Finish(PhaseQueue queue, Phase phase, PhaseResult result, IRunObserver observer)
    {
        _faults.Succeeded(phase);
        lock (_observing) observer.Finished(phase, result);
        if (_streaks.Note(phase, result) is { } entry)
        {
            _setAside.Add(entry.Entry);
            queue.SetAside(entry.Entry.Id, entry.Entry.ContentHash);
            if (entry.Notice is { } notice) Notice(observer, notice);
        }

        try
        {
            ForgetStale(queue, phase, result, observer);
            Adopt(queue, queue.Finish(phase, result), observer);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A result that cannot be judged is its phase's fault, not the tournament's end.
            _store.Remove(result, "TITER224", "it cannot be judged");
            var failed = _store.Commit(phase.Failed(PhaseStatus.Error, "TITER224",
                $"What the phase came to cannot be judged: {e.GetType().Name}: {e.Message} Please report it, with the file that was set aside."));
            queue.Finish(phase, failed);
        }
    }

    /// <summary>What the plan gained may have been played by an earlier run, and may call for more in turn.</summary>
    private void Adopt(PhaseQueue queue, IReadOnlyList<Phase> added, IRunObserver observer)
    {
        while (added.Count > 0)
        {
            var gained = queue.Adopt(_store.Load(queue.Spec, added, queue.Results).Values);
            lock (_observing) observer.Added([.. added.Where(p => !queue.Results.ContainsKey(p.Id))]);
            added = gained;
        }
    }

    /// <summary>Weights that changed on the disk are computed again even when nothing waits for them;
    /// those that were deleted, when something does.</summary>
    private void ForgetDamagedDefenses(PhaseQueue queue, IRunObserver observer)
    {
        foreach (var notice in _store.Notices) Notice(observer, notice);
        var needed = queue.Waiting.Select(p => p.DefendPhaseId).OfType<string>().ToHashSet();
        foreach (var defend in queue.Plan.Phases.Where(p => p.Kind == PhaseKind.Defend))
        {
            if (queue.Results.GetValueOrDefault(defend.Id) is not { WeightsHash: { } hash } result) continue;
            if (!needed.Contains(defend.Id) && !RunFolder.Has(folder.WeightsFile(hash))) continue;
            if (!_weights.Holds(hash, text => Notice(observer, text))) Forget(queue, defend, result, observer);
        }
    }

    /// <summary>Looks at the weights that a phase starts from. Where they do not hold, their defense is played again and the phase waits.</summary>
    private bool HasWeights(PhaseQueue queue, Phase phase, IRunObserver observer)
    {
        if (phase.DefendPhaseId is not { } id || queue.Results.GetValueOrDefault(id) is not { WeightsHash: { } hash } result) return true;
        if (_weights.Holds(hash, text => Notice(observer, text))) return true;
        Forget(queue, queue.PhaseOf(id), result, observer);
        queue.Wait(phase);
        return false;
    }

    private void Forget(PhaseQueue queue, Phase phase, PhaseResult result, IRunObserver observer)
    {
        if (RunFolder.Has(folder.PhaseFile(phase.Id))) _store.Remove(result, "TITER226", "its weights are missing or were changed");
        queue.Forget(phase);
        lock (_observing) observer.Added([phase]);
    }

    /// <summary>A defense that was computed again may have come out differently (a GPU adds in no fixed order): what
    /// was played on the weights before does not count.</summary>
    private void ForgetStale(PhaseQueue queue, Phase phase, PhaseResult result, IRunObserver observer)
    {
        if (phase.Kind != PhaseKind.Defend || result.WeightsHash is not { } hash) return;
        var stale = queue.DependentsOf(phase.Id).Where(p => queue.Results.GetValueOrDefault(p.Id)?.WeightsHash is { } other && other != hash)
            .ToArray();
        foreach (var dependent in stale)
        {
            _store.Remove(queue.Results[dependent.Id], "TITER226", "it was played on other weights than the defense has now");
            queue.Forget(dependent);
        }

        if (stale.Length > 0) lock (_observing) observer.Added(stale);
    }

    private void Notice(IRunObserver observer, string notice)
    {
        lock (_observing) observer.Noticed(notice);
    }

    private void Progressed(IRunObserver observer, Phase phase, PhaseProgress progress)
    {
        lock (_observing) observer.Progressed(phase, progress);
    }

    private TournamentSpec Marked(TournamentSpec spec) => spec with { Defenses = Marked(spec.Defenses), Attacks = Marked(spec.Attacks) };

    private Entrant[] Marked(IEnumerable<Entrant> entrants) =>
        [.. entrants.Select(
            e => _setAside.Find(s => s.Holds(e.Id, e.ContentHash)) is { } entry ? e with { Refusal = QuarantineRefusal.Of(entry) } : e)];
}
