using Titer.Files;

namespace Titer.Plugins.Packaging;

/// <summary>What a package may hold at most, so that a hostile one cannot fill the disk or the memory.</summary>
internal static class PackageLimits
{
    public const long TotalBytes = 1L << 30;
    public const int FileCount = 10_000;

    /// <summary>The same of a plugin's folder, however it came here.</summary>
    public static FolderLimits Folder { get; } = new(TotalBytes, FileCount);

    /// <summary>Of the nuspec and of the manifest, which are read into memory.</summary>
    public const long DescriptionBytes = 16L << 20;
}
