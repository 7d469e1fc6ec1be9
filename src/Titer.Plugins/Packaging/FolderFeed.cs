using NuGet.Versioning;
using Titer.Plugins;
using Titer.Sdk.Naming;

namespace Titer.Plugins.Packaging;

/// <summary>A flat folder of .nupkg files as a source of plugins. Packages that are no plugins, or damaged, are passed over.</summary>
internal static class FolderFeed
{
    private sealed record Offer(string File, string PackageId, string PluginId, NuGetVersion Version);

    /// <summary>The package with that package id or plugin id.</summary>
    /// <param name="version">Null: the newest stable version, or the newest of all where none is stable.</param>
    public static (string? File, PluginProblem? Problem) Find(string folder, string id, string? version)
    {
        NuGetVersion? wanted = null;
        if (version is not null && !NuGetVersion.TryParse(version, out wanted))
            return (null, new(PluginProblemCode.BadPackageVersion, $"'{version}' is not a NuGet version.", "Write it as 1.2.3 or 1.2.3-beta.1."));
        if (!Directory.Exists(folder)) return (null, Missing($"There is no source folder '{folder}'.", "Correct --source."));

        var offers = Offers(folder);
        // The package's id decides: anyone may pack a plugin under an id that another package has.
        var found = offers.Where(o => string.Equals(o.PackageId, id, StringComparison.OrdinalIgnoreCase)).ToArray();
        if (found.Length == 0) found = [.. offers.Where(o => string.Equals(o.PluginId, id, StringComparison.Ordinal))];
        if (found.Length == 0) return (null, Missing(
            $"No package in '{folder}' is '{id}' or holds a plugin of that id.{Suggestion.For(id, Ids(offers))}", Available(offers)));
        var packages = found.Select(o => o.PackageId).Distinct(StringComparer.OrdinalIgnoreCase).ToArray();
        if (packages.Length > 1) return (null, Missing($"Several packages in '{folder}' hold a plugin '{id}': {string.Join(", ", packages)}.",
            "Name the package instead."));

        var chosen = wanted is not null
            ? found.FirstOrDefault(o => o.Version == wanted)
            : found.OrderBy(o => !o.Version.IsPrerelease).ThenBy(o => o.Version).Last();
        return chosen is not null ? (chosen.File, null) : (null, Missing($"'{folder}' holds no version {wanted} of '{id}'.",
            $"Choose one of {string.Join(", ", found.Select(o => o.Version).Distinct().Order().Select(v => v.ToNormalizedString()))}."));
    }

    private static List<Offer> Offers(string folder)
    {
        var offers = new List<Offer>();
        foreach (var file in Directory.EnumerateFiles(folder, "*" + PackageLayout.Extension).Order(StringComparer.Ordinal))
        {
            var (package, _) = PluginPackageReader.Open(file);
            using (package)
                if (package is not null) offers.Add(new Offer(file, package.Identity.Id, package.Manifest.Id, package.Version));
        }

        return offers;
    }

    private static string[] Ids(List<Offer> offers) =>
        [.. offers.SelectMany(o => new[] { o.PackageId, o.PluginId }).Distinct(StringComparer.Ordinal)];

    private static string Available(List<Offer> offers)
    {
        var ids = offers.Select(o => o.PackageId).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal).ToArray();
        return ids.Length switch
        {
            0 => "No plugin package lies there: name another folder with --source.",
            <= 10 => $"Available: {string.Join(", ", ids)}.",
            _ => $"Available: {string.Join(", ", ids.Take(10))} and {ids.Length - 10} more.",
        };
    }

    private static PluginProblem Missing(string fact, string fix) => new(PluginProblemCode.NoSuchPackage, fact, fix);
}
