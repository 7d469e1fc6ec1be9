using Titer.Files;
using Titer.Runtime.Phases;

namespace Titer.Runtime.Workers;

/// <summary>A worker that plays one phase of the host's own code after the other, with a scratch folder that outlives them.</summary>
internal sealed class SharedWorker(WorkerProcess process, ScratchFolder scratch, PhaseOrder first) : IAsyncDisposable
{
    /// <summary>Of its memory limit, resident between two phases: what is above it would be taken from the next one.</summary>
    private const double MostIdleShare = 0.5;

    /// <summary>Whether there is as much memory left for a next phase as a new process would have, near enough.</summary>
    public bool HasRoom => first.Limits.MemoryMegabytes is not { } limit || ProcessTree.ResidentMegabytes(process.Id) < MostIdleShare * limit;

    /// <summary>Whether a new process for the order would be started in the same way.</summary>
    public bool Fits(PhaseOrder order) =>
        order.Device == first.Device && order.Limits.MemoryMegabytes == first.Limits.MemoryMegabytes
        && order.SubjectFolder == first.SubjectFolder
        && Path.GetDirectoryName(order.ScenarioPartFile) == Path.GetDirectoryName(first.ScenarioPartFile);

    /// <summary>
    /// Plays in a folder of its own below the scratch folder, which is all that the worker can write to; what the phase leaves is moved to where
    /// the order wants it.
    /// </summary>
    public async Task<SupervisedPhase> PlayAsync(
        PhaseOrder order, MetricWorkers metrics, IPhaseEvents events, CancellationToken abort, IWorkerRole? role = null)
    {
        var folder = FolderOf(order);
        var inside = order with { ScratchFolder = folder, OutputWeightsFile = Inside(folder, order.OutputWeightsFile),
            OutputSamplesFile = Inside(folder, order.OutputSamplesFile), OutputVerdictsFile = Inside(folder, order.OutputVerdictsFile) };
        var play = await SupervisedPhase.OfAsync(process, inside, metrics, events, tries: 1, abort, role);
        Move(inside.OutputWeightsFile, order.OutputWeightsFile);
        Move(inside.OutputSamplesFile, order.OutputSamplesFile);
        Move(inside.OutputVerdictsFile, order.OutputVerdictsFile);
        StubbornFolder.Delete(folder);
        return play;
    }

    public async ValueTask DisposeAsync()
    {
        await process.DisposeAsync();
        scratch.Dispose();
    }

    private string FolderOf(PhaseOrder order) => Directory.CreateDirectory(Path.Combine(scratch.Path, order.Phase.Id)).FullName;

    private static string? Inside(string folder, string? file) => file is null ? null : Path.Combine(folder, Path.GetFileName(file));

    private static void Move(string? from, string? to)
    {
        if (File.Exists(from)) File.Move(from, to!);
    }
}
