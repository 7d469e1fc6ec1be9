using System.Globalization;
using Titer.Plugins;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>Whose memory ran out when an allocation failed in this process: the plugin's own limit, or the machine's.</summary>
internal static class MachineMemory
{
    /// <summary>Room above the plugin's memory for stacks, code and libraries; the hard cap on the process
    /// (<c>prlimit --data</c>) lies this much above its limit.</summary>
    public const double HeadroomMegabytes = 768;

    /// <summary>True when what the process has, and what it asked for, would have been within its limit.</summary>
    /// <param name="request">The allocation that failed; null where the message does not tell, and it then counts as small.</param>
    public static bool IsShort(PhaseLimits limits, MemoryRequest? request) =>
        request is not null && limits.MemoryMegabytes is { } limit && OwnMegabytes("VmData:") is { } data
            && data + request.Megabytes < limit + HeadroomMegabytes
        && OwnMegabytes("VmRSS:") is { } resident && resident + request.Megabytes < limit;

    private static double? OwnMegabytes(string field)
    {
        try
        {
            var line = File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith(field, StringComparison.Ordinal));
            return line is null ? null : double.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.Float,
                CultureInfo.InvariantCulture) / 1024;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
