using System.Globalization;

namespace Titer.Runtime.Configuration;

/// <summary>What a user may call a device.</summary>
internal static class DeviceName
{
    /// <summary>For messages.</summary>
    public const string Known = "auto, cpu, cuda or cuda:N";

    private const string Numbered = "cuda:";

    public static bool IsValid(string? name) =>
        name is "auto" or "cpu" or "cuda"
        || (name?.StartsWith(Numbered, StringComparison.Ordinal) == true
            && uint.TryParse(name.AsSpan(Numbered.Length), NumberStyles.None, CultureInfo.InvariantCulture, out _));
}
