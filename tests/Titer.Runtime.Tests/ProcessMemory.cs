using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Titer.Tests;

/// <summary>What this process really keeps. Single readings come and go by some MB with the native
/// allocator: compare medians of windows, and look twice.</summary>
internal static partial class ProcessMemory
{
    private const int MostArenas = -8;

    /// <summary>As a worker is started: otherwise every thread's own reserve hides what is really kept.</summary>
    public static void LimitArenas() => _ = SetAllocator(MostArenas, 1);

    /// <summary>In use: what the collector and the native allocator keep for later is given back first.</summary>
    public static double ResidentMegabytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (OperatingSystem.IsLinux()) _ = TrimAllocator(0);
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64 / 1048576.0;
    }

    public static double Median(IEnumerable<double> readings)
    {
        double[] ordered = [.. readings.Order()];
        return ordered[ordered.Length / 2];
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetAllocator(int parameter, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int TrimAllocator(nuint keep);
}
