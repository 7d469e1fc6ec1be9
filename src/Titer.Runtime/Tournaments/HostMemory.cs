using System.Runtime.InteropServices;

namespace Titer.Runtime.Tournaments;

/// <summary>The memory of a host that goes on for weeks, of which it needs little while nothing is played.</summary>
internal static partial class HostMemory
{
    /// <summary>
    /// Returns to the system what this process holds and does not need: what is garbage, and what glibc keeps of each thread's freed blocks
    /// (malloc_trim(3)).
    /// </summary>
    public static void GiveBack()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            // Whether something was returned.
            _ = Trim(0);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // Another C library, which has nothing of the kind.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint pad);
}
