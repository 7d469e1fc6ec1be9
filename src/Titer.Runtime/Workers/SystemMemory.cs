using System.Globalization;

namespace Titer.Runtime.Workers;

/// <summary>What the kernel says of the machine's memory.</summary>
internal static class SystemMemory
{
    private const string Field = "oom_kill ";
    private const string Available = "MemAvailable:";

    /// <summary>
    /// Megabytes that processes could take without the system's paging, and within the limit of the container, where there is one; what the runtime
    /// may have where the kernel does not tell.
    /// </summary>
    public static double FreeMegabytes() => Math.Min(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e6,
        ProcessTree.ReadAll("/proc/meminfo").Split('\n').FirstOrDefault(l => l.StartsWith(Available, StringComparison.Ordinal)) is { } line
            ? double.Parse(line.AsSpan(Available.Length).Trim().TrimEnd("kB "), CultureInfo.InvariantCulture) / 1e3
            : double.PositiveInfinity);

    /// <summary>Processes that the kernel has killed for want of memory since it started; 0 where it does not tell.</summary>
    public static long Kills() =>
        ProcessTree.ReadAll("/proc/vmstat").Split('\n').FirstOrDefault(l => l.StartsWith(Field, StringComparison.Ordinal)) is { } line
            ? long.Parse(line.AsSpan(Field.Length), CultureInfo.InvariantCulture)
            : 0;
}
