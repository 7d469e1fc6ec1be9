using System.Globalization;
using System.Runtime.InteropServices;

namespace Titer.Runtime.Phases;

/// <summary>
/// Sees whether threads of this process still work when nothing should: what a plugin started and left running. Only for a process that plays
/// one phase and in which the host itself is idle. Linux only; elsewhere nothing is seen.
/// </summary>
internal static partial class RunningThreads
{
    private const string Tasks = "/proc/self/task";

    /// <summary>Compilation, collection and finalizers go on by themselves; so do a GPU driver's threads.</summary>
    private static readonly string[] Passive = [".NET Tiered", ".NET Fin", ".NET BGC", ".NET Sig", ".NET TP Gate", ".NET Event", ".NET Sync",
        "cuda"];

    /// <summary>A first look is short; only where something runs is it looked at longer, so that what is about to end has ended.</summary>
    private static readonly TimeSpan[] Looks = [TimeSpan.FromMilliseconds(15), TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(250)];

    /// <summary>Of a look, in processor time.</summary>
    private const double Share = 0.05;

    /// <summary>The calling thread waits for the looks.</summary>
    public static bool Any()
    {
        if (!OperatingSystem.IsLinux()) return false;
        foreach (var look in Looks)
        {
            var before = Times();
            Thread.Sleep(look);
            var after = Times();
            if (!after.Any(t => t.Value - before.GetValueOrDefault(t.Key) > look.TotalNanoseconds * Share)) return false;
        }

        return true;
    }

    /// <summary>Nanoseconds on a processor by thread, but for the calling one and those that are passive.</summary>
    private static Dictionary<int, long> Times()
    {
        var own = ThreadId();
        var times = new Dictionary<int, long>();
        foreach (var folder in Directory.EnumerateDirectories(Tasks))
        {
            try
            {
                var thread = int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture);
                var name = File.ReadAllText(Path.Combine(folder, "comm"));
                if (thread == own || Passive.Any(p => name.StartsWith(p, StringComparison.Ordinal))) continue;
                times[thread] = long.Parse(File.ReadAllText(Path.Combine(folder, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
            {
                // It ended in between, or the system does not tell.
            }
        }

        return times;
    }

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int ThreadId();
}
