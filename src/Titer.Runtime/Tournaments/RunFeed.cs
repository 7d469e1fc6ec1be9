using System.Threading.Channels;
using Titer.Runtime.Configuration;
using Titer.Tournament;

namespace Titer.Runtime.Tournaments;

/// <summary>
/// What a run hears while it plays: phases that ended, and, where it goes on for long, what it is to play from here on. A change that comes between
/// two runs is the first thing that the second one hears. Thread-safe.
/// </summary>
internal sealed class RunFeed
{
    private readonly Channel<RunEvent> _events = Channel.CreateUnbounded<RunEvent>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>From here on the run plays this: what is under way goes on with the builds that it began with.</summary>
    /// <param name="assets">Of the same scenario.</param>
    public void Change(TournamentSpec spec, RunAssets assets) => _events.Writer.TryWrite(new ChangedRun(spec, assets));

    /// <summary>Ends when the run has looked: a run that hangs never does.</summary>
    public Task LookAsync()
    {
        var looked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _events.Writer.TryWrite(new WokenRun(looked));
        return looked.Task;
    }

    /// <summary>The run looks whether it is to stop.</summary>
    internal void Wake() => _events.Writer.TryWrite(new WokenRun(null));

    internal void Follow(Phase phase, Task<PhaseOutcome> play) => play.ContinueWith(
        task => _events.Writer.TryWrite(new EndedPhase(phase, task)), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    internal async ValueTask<RunEvent> NextAsync()
    {
        var next = await _events.Reader.ReadAsync(CancellationToken.None);
        if (next is WokenRun { Looked: { } looked }) looked.TrySetResult();
        return next;
    }
}

/// <summary>One thing that a run hears.</summary>
internal abstract record RunEvent;

/// <summary>A phase is through, whatever it came to.</summary>
internal sealed record EndedPhase(Phase Phase, Task<PhaseOutcome> Outcome) : RunEvent;

/// <summary>Something else is played from here on.</summary>
internal sealed record ChangedRun(TournamentSpec Spec, RunAssets Assets) : RunEvent;

/// <summary>Nothing changed; somebody wants the run to look.</summary>
internal sealed record WokenRun(TaskCompletionSource? Looked) : RunEvent;
