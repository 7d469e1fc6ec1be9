using Titer.Files;
using Titer.Plugins.Metadata;

namespace Titer.Plugins;

/// <summary>
/// Which files of a plugin's folder its code may find where it runs: those that its content hash covers, and symbols of a dll that it covers. What
/// else lies there could be anything, under the same hash.
/// </summary>
internal static class ReadableFiles
{
    /// <param name="file">Full path.</param>
    /// <param name="name">Relative to the plugin's folder, with forward slashes.</param>
    public static bool Has(string file, string name) => ContentHash.Counts(name)
        || (ContentHash.AreSymbols(name) && DebugSymbols.AreOfTheirDll(file));

    /// <summary>Those, and the signature: what a copy of a build holds that is not run where it lies.</summary>
    public static bool IsKept(string file, string name) => name == ContentHash.SignatureFile || Has(file, name);
}
