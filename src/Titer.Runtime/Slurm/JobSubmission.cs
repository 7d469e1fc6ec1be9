using Titer.Files;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Slurm;

/// <summary>Hands phases in as arrays, within the limits of the cluster and of the operator.</summary>
internal sealed class JobSubmission(SlurmSettings settings, JobProgram program, JobFolder folder, JobBoard board)
{
    private int? _mostArraySize;

    /// <summary>Jobs handed in since the scheduler was asked.</summary>
    private int _sinceLook;

    /// <summary>Takes the arrays in that earlier processes handed in.</summary>
    public void Reconcile()
    {
        foreach (var array in folder.Arrays()) board.Place(array);
    }

    /// <summary>Asks the scheduler.</summary>
    /// <returns>False when it does not answer: nothing is known anew.</returns>
    public async Task<bool> LookAsync(CancellationToken cancellation)
    {
        if (await SlurmCommands.QueueAsync(cancellation) is not { } queue) return false;
        board.See(queue, folder.JobNamePrefix);
        _sinceLook = 0;
        return true;
    }

    /// <summary>Phases that have no result, but for those that are in a job already; Slurm keeps their order.</summary>
    /// <returns>Those that there was no room for.</returns>
    /// <exception cref="MachineFaultException">Slurm does not take them.</exception>
    public async Task<IReadOnlyList<Phase>> SubmitAsync(TournamentSpec spec, IEnumerable<Phase> phases, CancellationToken cancellation)
    {
        var underWay = board.UnderWay.ToHashSet();
        Phase[] open = [.. phases.Where(p => !underWay.Contains(p.Id))];
        var reference = spec.EarlyStopping is null ? null : TournamentPlan.ReferencePhase(spec).Id;
        var left = new List<Phase>();
        var isFull = false;
        foreach (var wave in JobWave.Of(reference, open, underWay, settings.PhasesPerJob))
        {
            foreach (var array in wave.InArraysOf(_mostArraySize ??= await SlurmCommands.MostArraySizeAsync(cancellation)))
            {
                // What waits for something that was not handed in is not handed in either.
                isFull = isFull || !await TrySubmitAsync(spec, array, cancellation);
                if (isFull) left.AddRange(array.Tasks.SelectMany(t => t.Phases));
            }
        }

        return left;
    }

    private async Task<bool> TrySubmitAsync(TournamentSpec spec, JobWave wave, CancellationToken cancellation)
    {
        if (settings.QueueLimit is { } most && board.Alive.Count + wave.Tasks.Count + _sinceLook > most) return false;
        var (array, tasksFile, script) = folder.Begin(spec, wave.Tasks);
        var log = folder.LogOf(array.Array, 0);
        var pattern = log.Replace("%", "%%", StringComparison.Ordinal)[..^"0.log".Length] + "%a.log";
        string[] after = [.. wave.After.Select(board.JobIdOf).OfType<string>()];
        ReplacedFile.Write(script, JobScript.Of(settings, program, array, tasksFile, pattern, after));
        try
        {
            array = folder.Taken(array, await SlurmCommands.SubmitAsync(script, cancellation));
        }
        catch (SlurmRefusalException e) when (e.IsOfLimits && board.Alive.Count + _sinceLook > 0)
        {
            return false;
        }
        catch (SlurmRefusalException e)
        {
            throw new MachineFaultException("TITER250", $"Slurm did not take the jobs: {VisibleText.OnOneLine(e.Message)} Its script is {script}: "
                + "mend what it asks for under engine in the tournament file, then run again.", e);
        }

        board.Place(array);
        _sinceLook += wave.Tasks.Count;
        return true;
    }

}
