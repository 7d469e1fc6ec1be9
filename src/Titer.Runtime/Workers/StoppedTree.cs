using System.Runtime.InteropServices;

namespace Titer.Runtime.Workers;

/// <summary>
/// A process tree that is made to stand still: every process of it, every thread, whatever it catches or ignores (SIGSTOP can be neither). Linux
/// only; elsewhere nothing is stopped, and a copy is all that there is.
/// </summary>
internal sealed partial class StoppedTree
{
    private const int StopSignal = 19;
    private const int ContinueSignal = 18;

    /// <summary>Looks at one process before others of its tree are suspected of waking it.</summary>
    private const int PatientLooks = 100;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);
    private readonly List<int> _processes;

    private StoppedTree(List<int> processes) => _processes = processes;

    /// <summary>What the tree has computed so far, dead threads and children included.</summary>
    public double ProcessorSeconds => ProcessorTime.Of(_processes);

    /// <returns>Null when it does not obey in time: something in it wakes others up.</returns>
    public static StoppedTree? Stop(int processId)
    {
        if (!OperatingSystem.IsLinux()) return new StoppedTree([processId]);
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < Deadline)
        {
            // A second look at all of them: one that still moved may have woken another, which had stood still, or have ended and left its children
            // to one whose own were read by then.
            if (Walk(processId, started) is { } tree && !tree.Exists(IsMoving)
                && tree.SkipLast(1).SelectMany(ProcessTree.Children).All(tree.Contains))
                return new StoppedTree(tree);
        }

        return null;
    }

    public void Continue()
    {
        if (!OperatingSystem.IsLinux()) return;
        foreach (var process in _processes) _ = Signal(process, ContinueSignal);
    }

    /// <summary>
    /// Stops each process before its children are looked for: what stands still starts none, so all of /proc that belongs to the tree is read once.
    /// </summary>
    private static List<int>? Walk(int root, long started)
    {
        var tree = new List<int> { root };
        for (var next = 0; next < tree.Count; next++)
        {
            _ = Signal(tree[next], StopSignal);
            for (var looks = 1; IsMoving(tree[next]); looks++)
            {
                if (TimeProvider.System.GetElapsedTime(started) > Deadline) return null;
                Thread.Yield();
                foreach (var process in looks < PatientLooks ? [tree[next]] : ProcessTree.WithDescendants(root)) _ = Signal(process, StopSignal);
            }

            tree.AddRange(ProcessTree.Children(tree[next]).Where(child => !tree.Contains(child)));
        }

        return tree;
    }

    /// <summary>A thread of it is neither stopped nor dead. Threads begun meanwhile are stopped with their process.</summary>
    private static bool IsMoving(int process) =>
        Array.Exists(ProcessTree.ThreadFolders(process), folder => IsMoving(ProcessTree.ReadAll(Path.Combine(folder, "stat"))));

    /// <summary>The state is what follows the name, which may hold anything: <c>12 (a) b) S 1 ...</c>.</summary>
    private static bool IsMoving(string stat) =>
        stat.LastIndexOf(')') is >= 0 and var end && end + 2 < stat.Length && stat[end + 2] is not ('T' or 't' or 'Z' or 'X');

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
