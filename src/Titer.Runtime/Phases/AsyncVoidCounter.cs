namespace Titer.Runtime.Phases;

/// <summary>Counts methods of <c>async void</c> that were begun on the plugin's thread and have not ended: nobody can wait for them. Their
/// continuations run on the pool, as without it.</summary>
internal sealed class AsyncVoidCounter : SynchronizationContext
{
    private int _running;

    public int Running => Volatile.Read(ref _running);

    public override void OperationStarted() => Interlocked.Increment(ref _running);

    public override void OperationCompleted() => Interlocked.Decrement(ref _running);

    public override SynchronizationContext CreateCopy() => this;
}
