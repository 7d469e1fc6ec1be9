using Titer.Files;
using Titer.Plugins;
using Titer.Sdk.Naming;

namespace Titer.Plugins.Packaging;

/// <summary>What became of an installation or a removal.</summary>
/// <param name="Record">What is installed now, or was removed; null when refused.</param>
/// <param name="Previous">What was there before, as far as it was recorded.</param>
/// <param name="Problems">Errors, when refused, and advice.</param>
public sealed record InstallOutcome(InstallRecord? Record, InstallRecord? Previous, IReadOnlyList<PluginProblem> Problems);

/// <summary>
/// Installs plugin packages into the home folder and removes them. A package is unpacked and inspected aside; only a plugin that is what its
/// manifest says, and that the gate accepts, is renamed into place. After any refusal everything is as before.
/// </summary>
/// <param name="taken">Ids of plugins that come with the host: a second one would have both refused.</param>
public sealed class PluginInstaller(TiterHome home, PluginGate gate, IReadOnlyCollection<string>? taken = null, TimeProvider? time = null)
{
    /// <summary>Installs a package or plugin by id from a flat folder of packages.</summary>
    /// <param name="version">The newest when null.</param>
    public InstallOutcome InstallFrom(string folder, string id, string? version = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(id);
        try
        {
            var (file, problem) = FolderFeed.Find(Path.GetFullPath(folder), id, version);
            return file is null ? Refuse(problem!) : Install(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Refuse(new(PluginProblemCode.NoSuchPackage, $"'{folder}' cannot be read: {e.Message}",
                "Check that the folder is readable, or name another one with --source."));
        }
    }

    /// <summary>Installs a package file, in place of an installed plugin with the same id.</summary>
    public InstallOutcome Install(string packageFile)
    {
        ArgumentNullException.ThrowIfNull(packageFile);
        var (package, problem) = PluginPackageReader.Open(packageFile);
        if (package is null) return Refuse(problem!);
        using (package) return InHome(staging => Install(package, staging));
    }

    public InstallOutcome Remove(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        // Nothing is made for a question that has no answer.
        if (!Directory.Exists(home.Path)) return NotInstalled(id, []);
        return InHome(staging =>
        {
            var ledger = InstallLedger.Read(home);
            // An id is a folder's name here: one that is not snake_case could lead elsewhere.
            if (!SnakeCase.IsValid(id) || (ledger.Find(id) is null && !Directory.Exists(Path.Combine(home.PluginsFolder, id))))
                return NotInstalled(id, ledger.Records.Select(r => r.Id));
            staging.TakeAway(id, () => ledger.Without(id).Write(home));
            return new InstallOutcome(ledger.Find(id) ?? Unrecorded(id), null, []);
        });
    }

    private InstallOutcome Install(PluginPackageReader package, HomeStaging staging)
    {
        if (package.ExtractTo(staging.Incoming) is { } mismatch) return Refuse(mismatch);
        var verdict = gate.Inspect(staging.Incoming);
        // The staging folder means nothing to the reader of a message.
        PluginProblem[] problems =
            [.. verdict.Problems.Select(p => p with { Fact = p.Fact.Replace(staging.Incoming, package.File, StringComparison.Ordinal) })];
        if (verdict.Plugin is not { } plugin) return new InstallOutcome(null, null, problems);
        if (Difference(package, plugin.Manifest) is { } difference)
            return Refuse(new(PluginProblemCode.PackageMismatch, $"The manifest of '{package.File}' {difference}.",
                "Pack the plugin again with 'titer plugin pack'."));
        var id = plugin.Manifest.Id;
        if (taken?.Contains(id) == true)
            return Refuse(new(PluginProblemCode.DuplicateId, $"The id '{id}' of '{package.File}' is that of a plugin that comes with the host.",
                "Give the plugin another id in its TiterPlugin attribute."));

        var ledger = InstallLedger.Read(home);
        var record = new InstallRecord
        {
            Id = id,
            Version = package.Version.ToNormalizedString(),
            ContentHash = plugin.Manifest.ContentHash,
            SourceFile = package.File,
            PackageSha256 = package.Sha256(),
            Standing = plugin.Standing,
            InstalledAt = (time ?? TimeProvider.System).GetUtcNow(),
        };
        staging.PutInPlace(id, () => ledger.With(record).Write(home));
        return new InstallOutcome(record, ledger.Find(id), problems);
    }

    /// <summary>Where the manifest says something else than the plugin's own metadata.</summary>
    private static string? Difference(PluginPackageReader package, PluginManifest plugin)
    {
        var manifest = package.Manifest;
        if (manifest.Id != plugin.Id) return $"says that the plugin is '{manifest.Id}'; it is '{plugin.Id}'";
        if (manifest.ContentHash != plugin.ContentHash) return "has another content hash than the files";
        var kind = plugin.Kind.ToString().ToLowerInvariant();
        if (manifest.Kind != kind) return $"says that '{plugin.Id}' is a {manifest.Kind}; it is a {kind}";
        if (manifest.ApiLevel != plugin.ApiLevel) return $"says API {manifest.ApiLevel}; the plugin was built for {plugin.ApiLevel}";
        if (!string.Equals(package.Identity.Id, plugin.AssemblyName, StringComparison.OrdinalIgnoreCase))
            return $"is in the package '{package.Identity.Id}'; the assembly is '{plugin.AssemblyName}'";
        var version = package.Version.ToNormalizedString();
        if (manifest.PackageVersion != version) return $"says version {manifest.PackageVersion}; the package is {version}";
        return PackageLayout.Version(plugin.Version) == package.Version ? null : $"says version {version}; the assembly is {plugin.Version}";
    }

    private InstallOutcome InHome(Func<HomeStaging, InstallOutcome> work)
    {
        try
        {
            using var staging = HomeStaging.Open(home);
            return work(staging);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return Refuse(new(PluginProblemCode.CannotWrite, $"'{home.Path}' cannot be changed: {e.Message}",
                "Wait for other titer processes to end, and check that the folder is writable and has room."));
        }
    }

    /// <summary>A folder that someone else put there.</summary>
    private static InstallRecord Unrecorded(string id) =>
        new() { Id = id, Version = "", ContentHash = "", SourceFile = "", PackageSha256 = "", InstalledAt = DateTimeOffset.UnixEpoch };

    private InstallOutcome NotInstalled(string id, IEnumerable<string> installed)
    {
        string[] ids = [.. installed];
        return Refuse(new(PluginProblemCode.NotInstalled, $"No plugin '{id}' is installed in '{home.Path}'.{Suggestion.For(id, ids)}",
            ids.Length == 0 ? "Nothing is installed there." : $"Installed: {string.Join(", ", ids)}."));
    }

    private static InstallOutcome Refuse(PluginProblem problem) => new(null, null, [problem]);
}
