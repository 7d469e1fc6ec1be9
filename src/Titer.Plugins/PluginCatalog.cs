using Titer.Files;

namespace Titer.Plugins;

/// <summary>The plugins found in folders, and those that were refused, with the reasons. Immutable.</summary>
public sealed class PluginCatalog
{
    private PluginCatalog(IReadOnlyDictionary<string, InstalledPlugin> plugins, IReadOnlyList<PluginVerdict> refused, IReadOnlyList<PluginVerdict> verdicts) =>
        (Plugins, Refused, Verdicts) = (plugins, refused, verdicts);

    /// <summary>By id, in ordinal order.</summary>
    public IReadOnlyDictionary<string, InstalledPlugin> Plugins { get; }

    /// <summary>In the order of the folders, then of the names in them.</summary>
    public IReadOnlyList<PluginVerdict> Refused { get; }

    /// <summary>Everything inspected, accepted ones with their advice, in the same order.</summary>
    public IReadOnlyList<PluginVerdict> Verdicts { get; }

    /// <summary>
    /// Inspects every subfolder of the folders; a folder that has a dll in it is one plugin itself. Never throws for what is in a folder.
    /// </summary>
    public static PluginCatalog Scan(IEnumerable<string> folders, PluginGate? gate = null)
    {
        ArgumentNullException.ThrowIfNull(folders);
        gate ??= new PluginGate();
        return Of(folders.SelectMany(PluginFolders).Distinct(StringComparer.Ordinal).Select(gate.Inspect));
    }

    /// <summary>The same with one plugin put in place of whatever has its id: an author's own build goes before the bundled one.</summary>
    public PluginCatalog With(InstalledPlugin plugin)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        var verdict = new PluginVerdict(plugin.Folder, plugin.Manifest.Id, plugin, []);
        return Of([.. Verdicts.Where(v => v.Name != verdict.Name), verdict]);
    }

    /// <summary>Content hashes of the accepted plugins that lie in a folder.</summary>
    public IReadOnlySet<string> HashesIn(string folder)
    {
        var parent = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return Plugins.Values.Where(p => Path.GetDirectoryName(Path.GetFullPath(p.Folder)) == parent).Select(p => p.Manifest.ContentHash).ToHashSet(StringComparer.Ordinal);
    }

    private static PluginCatalog Of(IEnumerable<PluginVerdict> inspected)
    {
        var verdicts = inspected.ToArray();
        // A duplicate is refused on both sides: which of them was meant, nobody can tell.
        var duplicates = verdicts.Where(v => v.IsAccepted).GroupBy(v => v.Name).Where(g => g.Count() > 1).ToDictionary(g => g.Key, g => g.Select(v => v.Path).ToArray());
        verdicts = [.. verdicts.Select(v => v.IsAccepted && duplicates.TryGetValue(v.Name, out var paths) ? Duplicate(v, paths) : v)];
        var plugins = verdicts.Where(v => v.IsAccepted).Select(v => v.Plugin!).ToDictionary(p => p.Manifest.Id, StringComparer.Ordinal);
        return new PluginCatalog(new SortedDictionary<string, InstalledPlugin>(plugins, StringComparer.Ordinal), [.. verdicts.Where(v => !v.IsAccepted)], verdicts);
    }

    private static IEnumerable<string> PluginFolders(string folder)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        // Missing, a dll itself, or unreadable: the gate says which.
        if (!Directory.Exists(folder)) return [folder];
        try
        {
            return Directory.EnumerateFiles(folder, "*.dll").Any() ? [folder] : [.. Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [folder];
        }
    }

    private static PluginVerdict Duplicate(PluginVerdict verdict, string[] paths) => verdict with
    {
        Plugin = null,
        Problems = [new(PluginProblemCode.DuplicateId, $"The id '{verdict.Name}' is taken twice: {string.Join(" and ", paths.Select(p => $"'{p}'"))}.",
            "Remove one of the folders, or give one plugin another id in its TiterPlugin attribute."), .. verdict.Problems],
    };
}
