using System.Globalization;

namespace Titer.Runtime.Workers;

/// <summary>What the kernel says of the machine's memory.</summary>
internal static class SystemMemory
{
    private const string Field = "oom_kill ";

    /// <summary>Processes that the kernel has killed for want of memory since it started; 0 where it does not tell.</summary>
    public static long Kills() =>
        ProcessTree.ReadAll("/proc/vmstat").Split('\n').FirstOrDefault(l => l.StartsWith(Field, StringComparison.Ordinal)) is { } line
            ? long.Parse(line.AsSpan(Field.Length), CultureInfo.InvariantCulture)
            : 0;
}
