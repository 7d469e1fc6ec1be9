using System.Globalization;
using System.Text.RegularExpressions;

namespace Titer.Plugins;

/// <summary>What libtorch says when an allocation fails: how much was asked for at once, and where.</summary>
/// <param name="Megabytes">2^20 bytes each.</param>
public sealed partial record MemoryRequest(double Megabytes, bool IsOnGpu)
{
    /// <summary>Null when the text tells of no failed allocation, or not of its size.</summary>
    public static MemoryRequest? Of(string message)
    {
        if (OnCpu().Match(message) is { Success: true } cpu) return new MemoryRequest(Number(cpu) / (1 << 20), IsOnGpu: false);
        if (OnGpu().Match(message) is not { Success: true } gpu) return null;
        var factor = gpu.Groups["unit"].Value.ToUpperInvariant() switch { "GIB" => 1024.0, "MIB" => 1, "KIB" => 1 / 1024.0, _ => 1.0 / (1 << 20) };
        return new MemoryRequest(Number(gpu) * factor, IsOnGpu: true);
    }

    /// <summary>For example <c>2048 MB</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Megabytes:0.##} MB");

    private static double Number(Match match) => double.Parse(match.Groups["size"].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"DefaultCPUAllocator: (?:can't allocate memory|not enough memory): you tried to allocate (?<size>\d+) bytes",
        RegexOptions.CultureInvariant)]
    private static partial Regex OnCpu();

    [GeneratedRegex(@"CUDA out of memory\. Tried to allocate (?<size>\d+(?:\.\d+)?) (?<unit>GiB|MiB|KiB|bytes)", RegexOptions.CultureInvariant)]
    private static partial Regex OnGpu();
}
