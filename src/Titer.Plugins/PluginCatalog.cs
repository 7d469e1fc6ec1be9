using Titer.Files;
using Titer.Plugins.Trust;

namespace Titer.Plugins;

/// <summary>The plugins found in folders, and those that were refused, with the reasons. Immutable.</summary>
public sealed class PluginCatalog
{
    private PluginCatalog(IReadOnlyDictionary<string, InstalledPlugin> plugins, IReadOnlyList<PluginVerdict> refused,
        IReadOnlyList<PluginVerdict> verdicts, IReadOnlyList<PluginProblem> shadowed, PluginPolicy? policy) =>
        (Plugins, Refused, Verdicts, Shadowed, Policy) = (plugins, refused, verdicts, shadowed, policy);

    /// <summary>Under which it was searched, and by which whatever else enters is judged; null accepts everybody's.</summary>
    public PluginPolicy? Policy { get; }

    /// <summary>By id, in ordinal order.</summary>
    public IReadOnlyDictionary<string, InstalledPlugin> Plugins { get; }

    /// <summary>In the order of the folders, then of the names in them.</summary>
    public IReadOnlyList<PluginVerdict> Refused { get; }

    /// <summary>Plugins that another one of the same id and of a better origin stands before; in no other list.</summary>
    public IReadOnlyList<PluginProblem> Shadowed { get; }

    /// <summary>Everything inspected, accepted ones with their advice, in the same order.</summary>
    public IReadOnlyList<PluginVerdict> Verdicts { get; }

    /// <summary>
    /// Inspects every subfolder of the folders; a folder that has a dll in it is one plugin itself. Never throws for what is in a folder.
    /// </summary>
    public static PluginCatalog Scan(IEnumerable<string> folders, PluginGate? gate = null)
    {
        ArgumentNullException.ThrowIfNull(folders);
        return Scan(folders.Select(f => new PluginSource(f, PluginOrigin.Unknown)), gate);
    }

    /// <inheritdoc cref="Scan(IEnumerable{string}, PluginGate?)"/>
    /// <remarks>Of two plugins with the same id the one of the better origin plays; of the same origin neither.</remarks>
    public static PluginCatalog Scan(IEnumerable<PluginSource> sources, PluginGate? gate = null)
    {
        ArgumentNullException.ThrowIfNull(sources);
        gate ??= new PluginGate();
        var found = sources.SelectMany(s => PluginFolders(s.Folder), (s, folder) => (s.Origin, Folder: folder))
            .GroupBy(f => f.Folder, (folder, all) => (Verdict: gate.Inspect(folder), Origin: all.Max(f => f.Origin)), StringComparer.Ordinal)
            .ToArray();
        var best = found.Where(f => f.Verdict.IsAccepted).GroupBy(f => f.Verdict.Name, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.MaxBy(f => f.Origin), StringComparer.Ordinal);
        var isShadowed = found.ToLookup(f => f.Verdict.IsAccepted && f.Origin < best[f.Verdict.Name].Origin);
        return Of(isShadowed[false].Select(f => f.Verdict), [.. isShadowed[true].Select(f => Shadow(f.Verdict, best[f.Verdict.Name].Verdict))],
            gate.Policy);
    }

    /// <summary>The same with one plugin put in place of whatever has its id: an author's own build goes before the bundled one.</summary>
    public PluginCatalog With(InstalledPlugin plugin)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        var verdict = new PluginVerdict(plugin.Folder, plugin.Manifest.Id, plugin, []);
        return Of([.. Verdicts.Where(v => v.Name != verdict.Name), verdict], Shadowed, Policy);
    }

    /// <summary>Content hashes of the accepted plugins that lie in a folder.</summary>
    public IReadOnlySet<string> HashesIn(string folder)
    {
        var parent = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return Plugins.Values.Where(p => Path.GetDirectoryName(Path.GetFullPath(p.Folder)) == parent).Select(p => p.Manifest.ContentHash)
            .ToHashSet(StringComparer.Ordinal);
    }

    private static PluginCatalog Of(IEnumerable<PluginVerdict> inspected, IReadOnlyList<PluginProblem> shadowed, PluginPolicy? policy)
    {
        var verdicts = inspected.ToArray();
        // A duplicate is refused on both sides: which of them was meant, nobody can tell.
        var duplicates = verdicts.Where(v => v.IsAccepted).GroupBy(v => v.Name).Where(g => g.Count() > 1)
            .ToDictionary(g => g.Key, g => g.Select(v => v.Path).ToArray());
        verdicts = [.. verdicts.Select(v => v.IsAccepted && duplicates.TryGetValue(v.Name, out var paths) ? Duplicate(v, paths) : v)];
        var plugins = verdicts.Where(v => v.IsAccepted).Select(v => v.Plugin!).ToDictionary(p => p.Manifest.Id, StringComparer.Ordinal);
        return new PluginCatalog(new SortedDictionary<string, InstalledPlugin>(plugins, StringComparer.Ordinal),
            [.. verdicts.Where(v => !v.IsAccepted)], verdicts, shadowed, policy);
    }

    private static IEnumerable<string> PluginFolders(string folder)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        // Missing, a dll itself, or unreadable: the gate says which.
        if (!Directory.Exists(folder)) return [folder];
        try
        {
            return Directory.EnumerateFiles(folder, "*.dll").Any()
                ? [folder]
                : [.. Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [folder];
        }
    }

    private static PluginProblem Shadow(PluginVerdict verdict, PluginVerdict before) => new(PluginProblemCode.Shadowed,
        $"The '{verdict.Name}' in '{verdict.Path}' is not played: the one in '{before.Path}' goes before it.",
        "Remove one of the two, or give one another id in its TiterPlugin attribute, to play the other.", ProblemSeverity.Advice);

    private static PluginVerdict Duplicate(PluginVerdict verdict, string[] paths) => verdict with
    {
        Plugin = null,
        Problems = [new(PluginProblemCode.DuplicateId,
            $"The id '{verdict.Name}' is taken twice: {string.Join(" and ", paths.Select(p => $"'{p}'"))}.",
            "Remove one of the folders, or give one plugin another id in its TiterPlugin attribute."), .. verdict.Problems],
    };
}
