using System.Globalization;

namespace Titer.Runtime.Workers;

/// <summary>How many files a process may have open: with too few the runtime fails in the middle of
/// loading a plugin, and the plugin would be blamed.</summary>
internal static class OpenFileLimit
{
    /// <summary>A worker has about two hundred open while it loads torch and a plugin.</summary>
    public const int Needed = 512;

    private const string Field = "Max open files";

    /// <summary>The hard limit, which the runtime makes its own; null where the system does not tell, or sets none.</summary>
    public static int? Current() =>
        ProcessTree.ReadAll("/proc/self/limits").Split('\n').FirstOrDefault(l => l.StartsWith(Field, StringComparison.Ordinal)) is { } line
            && line[Field.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var hard, ..]
            && int.TryParse(hard, CultureInfo.InvariantCulture, out var limit) ? limit : null;
}
