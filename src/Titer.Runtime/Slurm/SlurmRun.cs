using Titer.Files;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Tournament;

namespace Titer.Runtime.Slurm;

/// <summary>The jobs of one results folder: those that earlier processes handed in, and those that this one does.</summary>
internal sealed class SlurmRun
{
    private readonly SlurmSettings _settings;
    private readonly RunFolder _folder;
    private readonly JobFolder _jobs;
    private readonly JobBoard _board = new();
    private readonly JobSubmission _submission;

    private SlurmRun(RunFolder folder, SlurmSettings settings, JobProgram program, RunAssets? assets)
    {
        (_folder, _settings, _jobs) = (folder, settings, new JobFolder(folder, assets));
        _submission = new JobSubmission(settings, program, _jobs, _board);
        _submission.Reconcile();
    }

    /// <summary>Jobs in the queue, whoever handed them in.</summary>
    public IReadOnlyCollection<SlurmJob> Alive => _board.Alive;

    /// <summary>Asks the scheduler what became of the jobs that there are.</summary>
    /// <exception cref="MachineFaultException">There is no scheduler, or it does not answer.</exception>
    /// <param name="assets">Null where nothing is to be handed in.</param>
    public static async Task<SlurmRun> OpenAsync(RunFolder folder, SlurmSettings settings, JobProgram program, RunAssets? assets,
        CancellationToken cancellation)
    {
        var run = new SlurmRun(folder, settings, program, assets);
        return await run._submission.LookAsync(cancellation) ? run : throw new MachineFaultException("TITER251",
            "squeue does not answer. Is the scheduler up (scontrol ping)? Nothing was handed in.");
    }

    /// <summary>Jobs of a folder in the queue; null where there are none that could be, or nobody here can tell.</summary>
    public static async Task<IReadOnlyCollection<SlurmJob>?> FindAsync(RunFolder folder, CancellationToken cancellation)
    {
        if (!Directory.Exists(folder.JobsFolder)) return null;
        try
        {
            var nothing = new JobProgram("", "", new Dictionary<string, string>());
            return (await OpenAsync(folder, new SlurmSettings(), nothing, assets: null, cancellation)).Alive;
        }
        catch (MachineFaultException)
        {
            return null;
        }
    }

    /// <summary>Who plays on this machine must not play what jobs play.</summary>
    /// <exception cref="FileRefusalException">They are in the queue.</exception>
    public static async Task RefuseBesideJobsAsync(RunFolder folder, CancellationToken cancellation)
    {
        if (await FindAsync(folder, cancellation) is not { Count: > 0 } jobs) return;
        throw new FileRefusalException($"TITER253 {jobs.Count} jobs of {folder.Path} are in the queue of the cluster. Wait for them, look after "
            + $"them with --engine slurm, or end them first: scancel {string.Join(' ', jobs.Select(j => j.ArrayId).Distinct())}.");
    }

    /// <summary>Phases that are in no job yet; Slurm keeps their order.</summary>
    /// <returns>How many there was no room for.</returns>
    /// <exception cref="MachineFaultException">Slurm does not take them.</exception>
    public async Task<int> SubmitAsync(TournamentSpec spec, IEnumerable<Phase> phases, CancellationToken cancellation)
    {
        var left = await _submission.SubmitAsync(spec, phases, cancellation);
        await _submission.LookAsync(cancellation);
        return left.Count;
    }

    public SlurmEngine Engine(TournamentSpec spec, ResultStore store, Action<string> say) =>
        new(_settings, (_jobs, _board, _submission), (spec, _folder, store), say);

    /// <summary>Takes all of them out of the queue.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> CancelAsync(CancellationToken cancellation)
    {
        await _submission.LookAsync(cancellation);
        var jobs = Alive;
        if (jobs.Count > 0) await SlurmCommands.CancelAsync(jobs.Select(j => j.ArrayId).Distinct(), cancellation);
        return jobs.Count;
    }
}
