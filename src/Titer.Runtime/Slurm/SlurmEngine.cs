using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Runtime.Tournaments;
using Titer.Tournament;

namespace Titer.Runtime.Slurm;

/// <summary>
/// Phases in jobs of a cluster. This process hands them in and looks: one question to the scheduler and one listing of the results folder for all
/// of them. A phase with a result file is done; one whose job waits or runs is under way; one whose job is gone without a result was lost, and is
/// handed in again, up to <see cref="SlurmSettings.Attempts"/> times. A job is nobody's result: whatever it ended with is the machine's fault.
/// </summary>
internal sealed class SlurmEngine : IPhaseEngine
{
    /// <summary>Looks at which a job was gone and no result there: a network file system shows a new file late.</summary>
    private const int LooksUntilLost = 2;

    /// <summary>Phases in a row that were given up, after which nothing is handed in again: what is wrong is not a phase's.</summary>
    private const int MostGivenUpInARow = 3;

    /// <summary>Looks in a row that may fail at the results folder: a network file system is away for a moment.</summary>
    private const int MostFailedLooks = 3;

    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(300);

    private readonly Dictionary<string, Watched> _watched = [];
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _state = new();
    private readonly SlurmSettings _settings;
    private readonly (JobFolder Folder, JobBoard Board, JobSubmission Submission) _jobs;
    private readonly (TournamentSpec Spec, RunFolder Folder, ResultStore Store) _run;
    private readonly Action<string> _say;
    private readonly Task _watching;
    private int _givenUpInARow;
    private int _failedLooks;

    /// <summary>Why nobody looks any more; null while somebody does.</summary>
    private string? _over;
    private string _said = "";

    /// <param name="jobs">With what was handed in already.</param>
    /// <param name="say">Hears how many jobs wait and run, whenever that changes.</param>
    public SlurmEngine(SlurmSettings settings, (JobFolder, JobBoard, JobSubmission) jobs, (TournamentSpec, RunFolder, ResultStore) run,
        Action<string> say)
    {
        (_settings, _jobs, _run, _say) = (settings, jobs, run, say);
        _watching = Task.Run(WatchAsync);
    }

    /// <summary>The queue of the cluster is where phases wait.</summary>
    public int Lanes => int.MaxValue;

    /// <summary>Each was handed in several times before it counts.</summary>
    public int MostFaultsInARow => MostGivenUpInARow;

    public void Change(RunAssets assets) => throw new NotSupportedException("Jobs play the builds that are in the run's folder.");

    public async Task<PhaseOutcome> PlayAsync(PhaseRequest request, Action<PhaseProgress> progressed, CancellationToken drain,
        CancellationToken abort)
    {
        var watched = new Watched(request);
        lock (_state)
        {
            if (_over is { } why) return new PhaseOutcome(null, why);
            _watched[request.Phase.Id] = watched;
        }

        await using var stop = drain.UnsafeRegister(_ => watched.Ended.TrySetResult(new PhaseOutcome(null, null) { IsLeft = true }), null);
        return await watched.Ended.Task;
    }

    public void Dispose()
    {
        _ended.Cancel();
        _watching.GetAwaiter().GetResult();
        _ended.Dispose();
    }

    private async Task WatchAsync()
    {
        try
        {
            await Task.Delay(Gathering, _ended.Token);
            while (true)
            {
                try
                {
                    await LookAsync(_ended.Token);
                    _failedLooks = 0;
                }
                catch (MachineFaultException e)
                {
                    EndAll(e.Message);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    if (++_failedLooks < MostFailedLooks) _say($"The jobs could not be looked at, and are again: {e.Message}");
                    else EndAll($"{MachineFaultException.DiskCode} The jobs could not be looked at: {e.Message} They play on; run again when {
                        _run.Folder.Path} can be read and written.");
                }

                await Task.Delay(TimeSpan.FromSeconds(_settings.PollSeconds), _ended.Token);
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // Nobody waits any more.
        }
        catch (Exception e)
        {
            // A bug here must not leave the tournament waiting for ever, for what it waits for now or begins later.
            EndAll($"TITER251 The watch over the jobs failed: {e}", isOver: true);
        }
    }

    private void EndAll(string why, bool isOver = false)
    {
        Watched[] open;
        lock (_state)
        {
            if (isOver) _over = why;
            open = Open();
        }

        foreach (var watched in open) End(watched, new PhaseOutcome(null, why));
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        // First the scheduler, then the folder: a job that is gone has written its result before.
        var isKnown = await _jobs.Submission.LookAsync(cancellation);
        var open = Open();
        var stored = _run.Folder.StoredPhases();
        foreach (var watched in open.Where(w => stored.Contains(w.Request.Phase.Id)).ToArray()) TakeStored(watched);
        if (!isKnown) return;
        var toSubmit = new List<Phase>();
        foreach (var watched in open.Where(w => !w.Ended.Task.IsCompleted))
        {
            if (await IsToBeSubmittedAsync(watched, cancellation)) toSubmit.Add(watched.Request.Phase);
        }

        Say();
        if (toSubmit.Count == 0) return;
        foreach (var phase in toSubmit) Find(phase)?.Give();
        foreach (var left in await _jobs.Submission.SubmitAsync(_run.Spec, toSubmit, cancellation)) Find(left)?.Await();
    }

    private void TakeStored(Watched watched)
    {
        var phase = watched.Request.Phase;
        var known = watched.Request.Defended is { } defended ? new Dictionary<string, PhaseResult> { [defended.PhaseId] = defended } : [];
        if (!_run.Store.Load(_run.Spec, [phase], known).TryGetValue(phase.Id, out var result)) return;
        _givenUpInARow = 0;
        End(watched, new PhaseOutcome(result, null) { IsStored = true });
    }

    private async Task<bool> IsToBeSubmittedAsync(Watched watched, CancellationToken cancellation)
    {
        var id = watched.Request.Phase.Id;
        if (_jobs.Board.JobOf(id) is { IsAlive: true } job)
        {
            watched.Give();
            // Once: what is stuck again has a cause that an operator must see.
            if (job.IsStuck && !watched.IsReleased) await SlurmCommands.ReleaseAsync(job, cancellation);
            watched.IsReleased = job.IsStuck;
            return false;
        }

        if (watched.IsWaiting || _jobs.Board.PlaceOf(id) is null) return true;
        if (++watched.Looks < LooksUntilLost) return false;
        // A job that nobody watched ended before its phase's time had come: what it was to start from was not there.
        if (!watched.IsGiven) return true;
        if (++watched.Attempts < _settings.Attempts && _givenUpInARow < MostGivenUpInARow) return true;
        _givenUpInARow++;
        End(watched, new PhaseOutcome(null, await FaultAsync(watched, cancellation)));
        return false;
    }

    private async Task<string> FaultAsync(Watched watched, CancellationToken cancellation)
    {
        var id = watched.Request.Phase.Id;
        var (array, task) = _jobs.Board.PlaceOf(id)!.Value;
        var job = _jobs.Board.JobOf(id);
        var number = FormattableString.Invariant($"{array.JobId}_{task}");
        var how = job is null ? await SlurmCommands.AccountOfAsync(number, cancellation) ?? "gone" : $"{job.State}, {job.Reason}";
        var advice = how.Contains("TIMEOUT", StringComparison.Ordinal)
            ? "Give jobs more time (engine: { slurm: { time: ... } }) or fewer phases (phases_per_job), then run again."
            : "Mend what its log says, then run again.";
        var log = _jobs.Folder.LogOf(array.Array, task);
        return $"TITER252 {watched.Attempts} {(watched.Attempts == 1 ? "job" : "jobs")} ended without a result, the last one {number}{
            (job is { Nodes.Length: > 0 } ? $" on {job.Nodes}" : "")} ({how}). Its log, {log}, ends: {LogTail.Of(log)} {advice}";
    }

    private void Say()
    {
        var alive = _jobs.Board.Alive;
        var running = alive.Count(j => j.IsRunning);
        var said = FormattableString.Invariant($"Slurm: {running} jobs running, {alive.Count - running} waiting.");
        if (said == _said) return;
        _said = said;
        _say(said);
    }

    private Watched[] Open()
    {
        lock (_state) return [.. _watched.Values.Where(w => !w.Ended.Task.IsCompleted)];
    }

    private Watched? Find(Phase phase)
    {
        lock (_state) return _watched.GetValueOrDefault(phase.Id);
    }

    private void End(Watched watched, PhaseOutcome outcome)
    {
        lock (_state) _watched.Remove(watched.Request.Phase.Id);
        watched.Ended.TrySetResult(outcome);
    }

    /// <summary>A phase that somebody waits for.</summary>
    private sealed class Watched(PhaseRequest request)
    {
        public PhaseRequest Request { get; } = request;

        public TaskCompletionSource<PhaseOutcome> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>At which it was in no job.</summary>
        public int Looks { get; set; }

        /// <summary>Jobs that ended without its result.</summary>
        public int Attempts { get; set; }

        /// <summary>This process handed it in, or saw its job.</summary>
        public bool IsGiven { get; private set; }

        /// <summary>There was no room for it.</summary>
        public bool IsWaiting { get; private set; }

        public bool IsReleased { get; set; }

        public void Give() => (Looks, IsGiven, IsWaiting) = (0, true, false);

        public void Await() => IsWaiting = true;
    }
}
