namespace Titer.Models.Native;

/// <summary>What a library asks for and nothing offers.</summary>
/// <param name="Symbols">Names as the linker knows them, in the library's order.</param>
/// <param name="Versions">For example <c>GLIBCXX_3.4.30 of libstdc++.so.6</c>.</param>
internal sealed record SymbolGap(IReadOnlyList<string> Symbols, IReadOnlyList<string> Versions)
{
    public bool IsEmpty => Symbols.Count == 0 && Versions.Count == 0;
}

/// <summary>
/// Compares what a library leaves undefined with what others export, as the loader will, but from their tables and before loading: the loader binds
/// functions late, and a missing one then ends the process in the middle of a match.
/// </summary>
internal static class SymbolCheck
{
    /// <summary>Versions below this index are "none".</summary>
    private const ushort FirstVersion = 2;

    /// <param name="library">The library that is to be loaded.</param>
    /// <param name="offered">Every library whose symbols it will see, by soname. A version of a
    /// library that is not among them is not judged.</param>
    public static SymbolGap Of(ElfImage library, IReadOnlyDictionary<string, ElfImage> offered)
    {
        var exports =
            new HashSet<string>(offered.Values.SelectMany(o => o.Symbols).Where(s => s.IsDefined).Select(s => s.Name), StringComparer.Ordinal);
        var judged = library.VersionNeeds.Where(n => offered.ContainsKey(n.File)).ToArray();
        var unjudged = library.VersionNeeds.Where(n => !offered.ContainsKey(n.File)).Select(n => n.Index).ToHashSet();
        var symbols = library.Symbols.Where(s => !s.IsDefined && !s.IsWeak && s.Name.Length > 0)
            .Where(s => s.Version < FirstVersion || !unjudged.Contains(s.Version)).Select(s => s.Name).Where(name => !exports.Contains(name));
        return new SymbolGap([.. symbols.Distinct(StringComparer.Ordinal)], MissingVersions(judged, offered));
    }

    /// <summary>Versions alone: what a library of many symbols demands of the system's libraries.</summary>
    public static IReadOnlyList<string> MissingVersions(ElfImage library, IReadOnlyDictionary<string, ElfImage> offered) =>
        MissingVersions(library.VersionNeeds.Where(n => offered.ContainsKey(n.File)), offered);

    private static string[] MissingVersions(IEnumerable<ElfVersionNeed> needs, IReadOnlyDictionary<string, ElfImage> offered) =>
        [.. needs.Where(n => !n.IsWeak && !offered[n.File].VersionDefinitions.Values.Contains(n.Version)).Select(n => $"{n.Version} of {n.File}")
            .Distinct(StringComparer.Ordinal)];
}
