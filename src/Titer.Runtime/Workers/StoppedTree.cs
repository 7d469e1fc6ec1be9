using System.Runtime.InteropServices;

namespace Titer.Runtime.Workers;

/// <summary>
/// A process tree that is made to stand still: every process of it, every thread, whatever it catches or ignores (SIGSTOP can be neither). Linux
/// only; elsewhere nothing is stopped, and a copy is all that there is.
/// </summary>
internal static partial class StoppedTree
{
    private const int StopSignal = 19;
    private const int ContinueSignal = 18;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <returns>Whether all of it stands still now. False when it does not obey in time: something in it wakes others up.</returns>
    public static bool Stop(int processId)
    {
        if (!OperatingSystem.IsLinux()) return true;
        var started = TimeProvider.System.GetTimestamp();
        // Twice: what forked, or woke another, while the first look was taken.
        for (var still = 0; still < 2;)
        {
            var moving = ProcessTree.WithDescendants(processId).Where(IsMoving).ToArray();
            still = moving.Length == 0 ? still + 1 : 0;
            foreach (var process in moving) _ = Signal(process, StopSignal);
            if (moving.Length > 0) Thread.Yield();
            if (TimeProvider.System.GetElapsedTime(started) > Deadline) return false;
        }

        return true;
    }

    public static void Continue(int processId)
    {
        if (!OperatingSystem.IsLinux()) return;
        foreach (var process in ProcessTree.WithDescendants(processId)) _ = Signal(process, ContinueSignal);
    }

    /// <summary>A thread of it is neither stopped nor dead. Threads begun meanwhile are stopped with their process.</summary>
    private static bool IsMoving(int process) =>
        ProcessTree.ThreadFolders(process).Select(folder => ProcessTree.ReadAll(Path.Combine(folder, "stat"))).Any(IsMoving);

    /// <summary>The state is what follows the name, which may hold anything: <c>12 (a) b) S 1 ...</c>.</summary>
    private static bool IsMoving(string stat) =>
        stat.LastIndexOf(')') is >= 0 and var end && end + 2 < stat.Length && stat[end + 2] is not ('T' or 't' or 'Z' or 'X');

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
