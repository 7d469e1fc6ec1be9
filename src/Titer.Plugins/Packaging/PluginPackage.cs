using NuGet.Packaging;
using NuGet.Packaging.Core;
using NuGet.Versioning;
using Titer.Files;
using Titer.Plugins;
using Titer.Plugins.Trust;

namespace Titer.Plugins.Packaging;

/// <summary>What became of packing.</summary>
/// <param name="File">Full path of the package; null when refused.</param>
/// <param name="Problems">Errors, when refused, and advice.</param>
public sealed record PackOutcome(string? File, PluginPackageManifest? Manifest, IReadOnlyList<PluginProblem> Problems);

/// <summary>
/// Writes a plugin's folder as a NuGet package, so that every feed and folder that carries packages carries plugins too. The same folder gives
/// the same bytes. A plugin that the gate refuses is not packed.
/// </summary>
public sealed class PluginPackage(PluginGate gate)
{
    /// <summary>Of every file in the package: a package must not depend on when it was made. Zip cannot say anything earlier.</summary>
    private const string Timestamp = "1980-01-01T00:00:00Z";

    /// <param name="path">A plugin's folder, or its dll.</param>
    /// <param name="outputFolder">Made when missing.</param>
    /// <param name="keyFile">What it is signed with; null keeps the signature that lies in the folder, if there is one.</param>
    public PackOutcome Pack(string path, string outputFolder, string? keyFile = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(outputFolder);
        var verdict = gate.Inspect(path);
        if (verdict.Plugin is not { } plugin) return new PackOutcome(null, null, verdict.Problems);
        if (PackageLayout.Version(plugin.Manifest.Version) is not { } version)
            return Refuse(new(PluginProblemCode.BadPackageVersion,
                $"The version '{plugin.Manifest.Version}' of '{plugin.Manifest.Id}' is not a NuGet version.",
                "Set <Version>1.0.0</Version> in its csproj."));
        try
        {
            var files = Files(plugin.Folder);
            if (TooLarge(plugin, files) is { } tooLarge) return Refuse(tooLarge);
            if (files.FirstOrDefault(f => PackageLayout.Name(f.Path) != f.Path || PackageLayout.Escapes(f.Path)) is { } misnamed)
                return Refuse(new(PluginProblemCode.NotPackable,
                    $"A file of '{plugin.Manifest.Id}' is called '{misnamed.Path}', which reads as another name in a package.",
                    "Rename it: no percent escapes, backslashes and colons."));
            var (signature, unsigned) = SignatureOf(plugin, keyFile);
            if (unsigned is not null) return Refuse(unsigned);
            if (signature is not null) files = [.. files, Describe(new MemoryStream(signature), PluginSignature.FileName)];
            var manifest = Describe(plugin.Manifest, version, files);
            var file = Path.Combine(Path.GetFullPath(outputFolder),
                $"{plugin.Manifest.AssemblyName}.{manifest.PackageVersion}{PackageLayout.Extension}");
            return Write(plugin, version, manifest, signature, file) is { } problem
                ? Refuse(problem)
                : new PackOutcome(file, manifest, verdict.Problems);
        }
        catch (Exception e) when (e is PackagingException or ArgumentException or FormatException)
        {
            // The library's own rules, for example about characters in a package's id.
            return Refuse(new(PluginProblemCode.NotPackable, $"'{plugin.Manifest.Id}' cannot be a NuGet package: {e.Message}",
                "Rename the assembly or the file accordingly."));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refuse(new(PluginProblemCode.CannotWrite, $"The package of '{plugin.Manifest.Id}' cannot be written: {e.Message}",
                "Check that the output folder is writable and has room."));
        }
    }

    private static PackOutcome Refuse(PluginProblem problem) => new(null, null, [problem]);

    private static (byte[]? Signature, PluginProblem? Problem) SignatureOf(InstalledPlugin plugin, string? keyFile)
    {
        if (keyFile is not null) return PluginSignature.Sign(plugin.Manifest, keyFile);
        var kept = Path.Combine(plugin.Folder, PluginSignature.FileName);
        return (File.Exists(kept) ? File.ReadAllBytes(kept) : null, null);
    }

    private static PackagedFile[] Files(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => (File: file, Name: Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/')))
            .Where(file => ContentHash.Counts(file.Name))
            .Select(file => Describe(file.File, file.Name))
            .OrderBy(file => file.Path, StringComparer.Ordinal),
    ];

    private static PackagedFile Describe(string file, string name)
    {
        using var stream = File.OpenRead(file);
        return Describe(stream, name);
    }

    private static PackagedFile Describe(Stream content, string name) => new(name, PackageLayout.Sha256(content), content.Length);

    private static PluginProblem? TooLarge(InstalledPlugin plugin, PackagedFile[] files) =>
        files.Length <= PackageLimits.FileCount && files.Sum(f => f.Length) <= PackageLimits.TotalBytes ? null
            : new(PluginProblemCode.PackageTooLarge,
                $"'{plugin.Folder}' holds {files.Length} files with {files.Sum(f => f.Length)} bytes; a package holds at "
                    + $"most {PackageLimits.FileCount} files and {PackageLimits.TotalBytes} bytes.",
                "Take out what the plugin does not need.");

    private static PluginPackageManifest Describe(PluginManifest plugin, NuGetVersion version, PackagedFile[] files) => new()
    {
        FormatVersion = PluginPackageManifest.CurrentFormat,
        Id = plugin.Id,
        Kind = plugin.Kind.ToString().ToLowerInvariant(),
        PackageVersion = version.ToNormalizedString(),
        ApiLevel = plugin.ApiLevel,
        Summary = plugin.Summary,
        Paper = plugin.Paper,
        TargetFramework = plugin.TargetFramework,
        ContentHash = plugin.ContentHash,
        Files = files,
    };

    private static PluginProblem? Write(InstalledPlugin plugin, NuGetVersion version, PluginPackageManifest manifest, byte[]? signature, string file)
    {
        var builder = new PackageBuilder(deterministic: true)
        {
            DeterministicTimestamp = Timestamp,
            Id = plugin.Manifest.AssemblyName,
            Version = version,
            Description = manifest.Summary.Length > 0 ? manifest.Summary : $"The Titer {manifest.Kind} '{manifest.Id}'.",
        };
        // The assembly's name, as dotnet pack does for a project without authors.
        builder.Authors.Add(plugin.Manifest.AssemblyName);
        builder.Tags.Add("titer-plugin");
        builder.PackageTypes.Add(new PackageType(PackageLayout.PackageType, PackageType.EmptyVersion));
        builder.Files.Add(new PhysicalPackageFile(new MemoryStream(manifest.ToJson())) { TargetPath = PackageLayout.ManifestFile });
        if (signature is not null) builder.Files.Add(new PhysicalPackageFile(new MemoryStream(signature))
            { TargetPath = PackageLayout.FilesFolder + PluginSignature.FileName });
        foreach (var packaged in manifest.Files.Where(f => f.Path != PluginSignature.FileName))
            builder.Files.Add(new PhysicalPackageFile { SourcePath = Path.Combine(plugin.Folder, packaged.Path),
                TargetPath = PackageLayout.FilesFolder + packaged.Path });

        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var temporary = $"{file}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None)) builder.Save(stream);
            if (ContentHash.OfFolder(plugin.Folder) != manifest.ContentHash)
                return new(PluginProblemCode.FilesChanged, $"The files of '{manifest.Id}' changed while they were packed.",
                    "Wait for the build or the copy to end, then start again.");
            ReplacedFile.Commit(temporary, file);
            return null;
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
