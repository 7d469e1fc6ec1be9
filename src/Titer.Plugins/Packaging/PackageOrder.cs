using NuGet.Versioning;

namespace Titer.Plugins.Packaging;

/// <summary>Which of two versions of a package is the newer one, as NuGet orders them.</summary>
internal static class PackageOrder
{
    /// <returns>False where one of them is no version.</returns>
    public static bool IsNewer(string version, string than) => NuGetVersion.TryParse(version, out var one)
        && NuGetVersion.TryParse(than, out var other) && one > other;
}
