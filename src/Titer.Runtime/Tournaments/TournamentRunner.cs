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

    /// <summary>What defended weights may take on the disk; null takes what they take.</summary>
    public WeightsQuota? Quota { get; init; }

    /// <summary>The order in which the plan is played, by what came out so far: asked whenever a defended
    /// model was assessed. Null keeps the plan's.</summary>
    public Func<TournamentSpec, TournamentPlan, IReadOnlyDictionary<string, PhaseResult>, TournamentPlan>? Order { get; init; }

    /// <summary>On this machine, <paramref name="lanes"/> phases at a time.</summary>
    public TournamentRunner(IPhaseExecutor executor, RunFolder folder, RunAssets assets, Quarantine quarantine, int lanes)
        : this((spec, store) => new LocalEngine(executor, folder, assets, store, spec, lanes), folder, assets, quarantine)
    {
    }

    /// <summary>Draining lets running phases finish; aborting kills them.</summary>
    /// <param name="stored">Results that are there already; null reads them.</param>
    /// <param name="feed">Changes what is played while it is played. With one the run goes on when nothing is left to play, until it is drained or
    /// the machine fails; null ends then.</param>
    public async Task<RunOutcome> PlayAsync(
        TournamentSpec spec, TournamentPlan plan, IRunObserver observer, CancellationToken drain, CancellationToken abort,
        IReadOnlyDictionary<string, PhaseResult>? stored = null, RunFeed? feed = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(plan);
        var journal = new RunJournal(folder, TimeProvider.System);
        journal.Opened();
        observer = new JournaledRun(journal, observer);
        using var engine = engineOf(spec, _store);
        _faults = new MachineFaults(engine.MostFaultsInARow);
        var queue = QueueOf(spec, plan, stored ?? _store.Load(spec, plan.Phases));
        ForgetDamagedDefenses(queue, observer);
        var events = feed ?? new RunFeed();
        using var woken = drain.Register(events.Wake);
        using var lost = folder.TakenOver.Register(events.Wake);
        var running = new Dictionary<string, Phase>();
        while (true)
        {
            while (!drain.IsCancellationRequested && !_faults.IsHopeless && !folder.IsTakenOver && running.Count < engine.Lanes
                && (Quota is null ? queue.Next() : Quota.Next(queue, running.Values)) is { } phase)
            {
                if (!HasWeights(queue, phase, observer)) continue;
                lock (_observing) observer.Started(phase);
                var defended = queue.Results.GetValueOrDefault(phase.DefendPhaseId ?? "");
                var request = new PhaseRequest(queue.Spec, phase, defended, TournamentPlan.ReferenceUtility(queue.Spec, queue.Results));
                running.Add(phase.Id, phase);
                events.Follow(phase, engine.PlayAsync(request, progress => Progressed(observer, phase, progress), drain, abort));
            }

            if (running.Count == 0 && (feed is null || drain.IsCancellationRequested || _faults.Left.Count > 0 || folder.IsTakenOver))
            {
                journal.Closed();
                var putBack = folder.IsTakenOver ? [] : _store.PutBack();
                return new RunOutcome(QuarantineRefusal.Marked(queue.Spec, _setAside), queue.Results, putBack, _faults.Left);
            }

            switch (await events.NextAsync())
            {
                case EndedPhase ended:
                    running.Remove(ended.Phase.Id);
                    Take(queue, ended.Phase, await ended.Outcome, observer);
                    Quota?.Enforce(queue);
                    if (Order is not null && ended.Phase.Kind != PhaseKind.Attack) queue = Ordered(queue, running.Keys);
                    break;
                case ChangedRun change:
                    engine.Change(change.Assets);
                    queue = Changed(queue, change.Spec, running.Keys, observer);
                    break;
            }
        }
    }

    /// <summary>The queue of what is played from here on. Phases that are under way stay so, also those that it does not have any more.</summary>
    private PhaseQueue Changed(PhaseQueue before, TournamentSpec spec, IReadOnlyCollection<string> running, IRunObserver observer)
    {
        var (plan, results) = _store.Load(spec, before.Results);
        var queue = Resumed(QueueOf(spec, plan, results), running);
        _store.GuardOnly([.. results.Keys, .. running]);
        lock (_observing) observer.Planned(spec, plan, results);
        return queue;
    }

    private PhaseQueue QueueOf(TournamentSpec spec, TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> results) =>
        new(spec, Order is null ? plan : Order(spec, plan, results), results);

    /// <summary>The same queue in the order that holds now.</summary>
    private PhaseQueue Ordered(PhaseQueue queue, IReadOnlyCollection<string> running) =>
        _faults.Left.Count > 0 ? queue : Resumed(QueueOf(queue.Spec, queue.Plan, queue.Results), running);

    private PhaseQueue Resumed(PhaseQueue queue, IReadOnlyCollection<string> running)
    {
        foreach (var id in running) queue.Resume(id);
        foreach (var entry in _setAside) queue.SetAside(entry.Id, entry.ContentHash);
        return queue;
    }

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

        // Aborted: neither a result nor a fault. And of a build that was replaced meanwhile nothing is tried again.
        if (queue.Has(phase.Id))
        {
            if (fault is null || !_faults.Note(phase, fault)) queue.GiveUp(phase);
            else queue.Return(phase);
        }

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
            lock (_observing) observer.SetAside(entry.Entry);
            if (entry.Notice is { } notice) Notice(observer, notice);
        }

        // Its build was replaced while it was played: the result stands for the row that was.
        if (!queue.Has(phase.Id)) return;
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
}
