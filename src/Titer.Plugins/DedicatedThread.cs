using System.Runtime.CompilerServices;

namespace Titer.Plugins;

/// <summary>
/// Runs plugin code on a thread of its own, without the caller's execution context: async-locals, logger scopes and torch modes that a plugin
/// leaves behind end with the thread.
/// </summary>
public static class DedicatedThread
{
    /// <summary>A process that ends takes its native destructors along, on a busy machine for a while.</summary>
    private static readonly TimeSpan ExitPatience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(20);

    /// <summary>Runs to the end and waits for it; never throws.</summary>
    /// <returns>What was thrown, as text; null when nothing was.</returns>
    /// <param name="deadline">
    /// After it the thread is left to itself, and the answer is a fault; without one, this waits for ever. Time that the thread stood ready while
    /// others had the processor is not its own.
    /// </param>
    public static PluginFault? Run(Action action, string name = "plugin", TimeSpan? deadline = null)
    {
        ArgumentNullException.ThrowIfNull(action);
        var call = new Call(action);
        // A background thread: a plugin that never returns must not keep the process alive.
        var thread = new Thread(call.Run) { IsBackground = true, Name = name };
        if (ExecutionContext.IsFlowSuppressed())
        {
            thread.Start();
        }
        else
        {
            using (ExecutionContext.SuppressFlow()) thread.Start();
        }

        if (deadline is null) thread.Join();
        else if (!HasEnded(thread, call, deadline.Value))
        {
            AbandonedThread.Note();
            return PluginFault.Timeout(deadline.Value);
        }

        return call.HasEnded ? call.Fault : EndOfProcess();
    }

    private static bool HasEnded(Thread thread, Call call, TimeSpan deadline)
    {
        var started = TimeProvider.System.GetTimestamp();
        for (var left = deadline; left > TimeSpan.Zero; left = deadline - TimeProvider.System.GetElapsedTime(started) + call.Ready)
            if (thread.Join(left > ShortestWait ? left : ShortestWait)) return true;
        return thread.Join(TimeSpan.Zero);
    }

    /// <summary>
    /// The thread is gone, and its method never came to an end: it is inside <c>exit()</c>, which
    /// takes its thread down before the process. Whoever goes
    /// on now would answer for a plugin that did not return.
    /// </summary>
    private static PluginFault EndOfProcess()
    {
        Thread.Sleep(ExitPatience);
        return PluginFault.EndedItsThread();
    }

    private sealed class Call(Action action)
    {
        private volatile ReadyTime? _ready;

        public PluginFault? Fault { get; private set; }

        /// <summary>How long its thread waited for the processor.</summary>
        public TimeSpan Ready => _ready?.Read() ?? TimeSpan.Zero;

        /// <summary>The method returned or threw.</summary>
        public bool HasEnded { get; private set; }

        [MethodImpl(MethodImplOptions.NoInlining)]
        public void Run()
        {
            _ready = ReadyTime.OfThisThread();
            try
            {
                action();
                HasEnded = true;
            }
            catch (Exception e)
            {
                // The verdict of the match, not a bug of the host: kept as text.
                Fault = PluginFault.Of(e);
                HasEnded = true;
            }
        }
    }
}
