using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>
/// Plays phases in this process: for authors, tests and debugging. Budgets are only cooperative here, and a native error takes the process
/// down; scored tournaments use workers.
/// </summary>
internal sealed class InProcessExecutor(PhasePlayer player) : IPhaseExecutor
{
    public Task<PhaseResult> ExecuteAsync(PhaseOrder order, IPhaseEvents events, CancellationToken abort) =>
        Task.Factory.StartNew(
            () =>
            {
                var started = TimeProvider.System.GetTimestamp();
                var result = player.Play(order, events, abort);
                abort.ThrowIfCancellationRequested();
                return result with { WallSeconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds };
            },
            abort, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
