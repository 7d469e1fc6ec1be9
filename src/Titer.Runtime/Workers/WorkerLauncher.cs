using System.Collections.Concurrent;
using System.Diagnostics;

namespace Titer.Runtime.Workers;

/// <summary>
/// Starts every worker on one thread that lives as long as the process. What a sandbox is told to die with (PR_SET_PDEATHSIG) is the thread that
/// started it, not the process: threads of the pool end when they are idle, and took healthy workers with them.
/// </summary>
internal static class WorkerLauncher
{
    private static readonly BlockingCollection<(ProcessStartInfo Start, TaskCompletionSource<Process> Started)> Requests = [];
    private static readonly Lazy<Thread> Thread = new(() =>
    {
        var thread = new Thread(Run) { IsBackground = true, Name = "worker launcher" };
        thread.Start();
        return thread;
    });

    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public static Task<Process> StartAsync(ProcessStartInfo start)
    {
        _ = Thread.Value;
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Requests.Add((start, started));
        return started.Task;
    }

    private static void Run()
    {
        foreach (var (start, started) in Requests.GetConsumingEnumerable())
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
            catch (Exception e)
            {
                // The caller's, not the thread's: it must never end.
                started.SetException(e);
            }
        }
    }
}
