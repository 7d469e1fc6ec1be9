using System.Globalization;

namespace Titer.Runtime.Workers;

/// <summary>
/// Processor time of a process tree, dead threads and children that were waited for included (<c>/proc/PID/stat</c>, fields 14 to 17): what the
/// plugin did in threads that came and went counts too.
/// </summary>
internal static class ProcessorTime
{
    /// <summary>The kernel's unit in these files, on every Linux that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    private const int UserField = 11;
    private const int Fields = 4;

    /// <returns>Seconds; 0 where the system does not tell.</returns>
    public static double Of(int processId) => Of(ProcessTree.WithDescendants(processId));

    /// <param name="tree">The processes of it.</param>
    /// <inheritdoc cref="Of(int)"/>
    public static double Of(IEnumerable<int> tree) => tree.Sum(id => Ticks(ProcessTree.ReadAll($"/proc/{id}/stat"))) / TicksPerSecond;

    /// <summary>Counted from behind the name, which may hold anything.</summary>
    private static long Ticks(string stat) => stat.LastIndexOf(')') is >= 0 and var end && end + 2 < stat.Length
        ? stat[(end + 2)..].Split(' ').Skip(UserField).Take(Fields).Sum(field => long.Parse(field, CultureInfo.InvariantCulture))
        : 0;
}
