using System.Security.Cryptography;
using NuGet.Versioning;
using Titer.Files;

namespace Titer.Plugins.Packaging;

/// <summary>What lies where in a package, agreed between the writer and the reader.</summary>
internal static class PackageLayout
{
    public const string PackageType = "TiterPlugin";
    public const string ManifestFile = "titer-plugin.json";
    public const string FilesFolder = "titer/";
    public const string Extension = ".nupkg";

    /// <summary>Symbols are no part of a plugin: its content hash does not cover them.</summary>
    public static bool IsSymbols(string path) => ContentHash.AreSymbols(path);

    /// <summary>An entry's name: packers may escape it as in a URI, and readers undo that.</summary>
    public static string Name(string entry) => Uri.UnescapeDataString(entry);

    /// <summary>Whether a name could mean a place outside of the folder that it is relative to, on any system.</summary>
    public static bool Escapes(string name) =>
        name.Length == 0 || name.AsSpan().IndexOfAny('\\', ':', '\0') >= 0 || name.TrimEnd('/').Split('/').Any(part => part is "" or "." or "..");

    /// <summary>An assembly's informational version as a package's; build metadata after the plus sign names a commit, not a version.</summary>
    public static NuGetVersion? Version(string informational) =>
        NuGetVersion.TryParse(informational.Split('+')[0], out var version) ? version : null;

    public static string Sha256(Stream stream) => Convert.ToHexStringLower(SHA256.HashData(stream));
}
