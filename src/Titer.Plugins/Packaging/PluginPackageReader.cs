using System.IO.Compression;
using System.Security.Cryptography;
using NuGet.Packaging;
using NuGet.Packaging.Core;
using NuGet.Versioning;
using Titer.Plugins;

namespace Titer.Plugins.Packaging;

/// <summary>An opened plugin package. Whoever made it is not trusted: every name, size and hash is
/// checked. Never throws for what is in it.</summary>
internal sealed class PluginPackageReader : IDisposable
{
    private readonly FileStream _stream;
    private readonly ZipArchive _archive;

    private PluginPackageReader(FileStream stream, ZipArchive archive, PackageIdentity identity, PluginPackageManifest manifest) =>
        (_stream, _archive, Identity, Manifest) = (stream, archive, identity, manifest);

    public string File => _stream.Name;

    /// <summary>Of the package, as its nuspec says.</summary>
    public PackageIdentity Identity { get; }

    public NuGetVersion Version => Identity.Version;

    public PluginPackageManifest Manifest { get; }

    public static (PluginPackageReader? Package, PluginProblem? Problem) Open(string file)
    {
        FileStream? stream = null;
        ZipArchive? archive = null;
        PluginPackageReader? package = null;
        try
        {
            stream = new FileStream(Path.GetFullPath(file), FileMode.Open, FileAccess.Read, FileShare.Read);
            archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            if (Shape(file, archive) is { } problem) return (null, problem);
            PackageIdentity identity;
            using (var nuspec = archive.Entries.Single(IsNuspec).Open())
            {
                var reader = new NuspecReader(nuspec);
                if (!reader.GetPackageTypes().Any(t => string.Equals(t.Name, PackageLayout.PackageType, StringComparison.OrdinalIgnoreCase)))
                    return (null, NotAPlugin(file, $"is not of package type {PackageLayout.PackageType}"));
                identity = reader.GetIdentity();
            }

            var (manifest, reason) = PluginPackageManifest.Parse(Bytes(archive.Entries.Single(IsManifest)));
            if (manifest is null) return (null, NotAPlugin(file, $"holds a {PackageLayout.ManifestFile} that {reason}"));
            package = new PluginPackageReader(stream, archive, identity, manifest);
            return (package, null);
        }
        catch (Exception e)
        {
            // A hostile archive can fail anywhere in zip, XML and JSON; the host must outlive every file.
            return (null, Unreadable(file, e));
        }
        finally
        {
            if (package is null)
            {
                archive?.Dispose();
                stream?.Dispose();
            }
        }
    }

    public string Sha256()
    {
        _stream.Position = 0;
        return PackageLayout.Sha256(_stream);
    }

    /// <summary>Unpacks the plugin's files; null when they are those of the manifest, all of them and no other.</summary>
    public PluginProblem? ExtractTo(string folder)
    {
        try
        {
            var expected = new Dictionary<string, PackagedFile>(StringComparer.Ordinal);
            foreach (var file in Manifest.Files)
                if (!expected.TryAdd(file.Path, file)) return Mismatch($"names '{file.Path}' twice");
            foreach (var entry in _archive.Entries.Where(
                e => Name(e).StartsWith(PackageLayout.FilesFolder, StringComparison.Ordinal) && !IsFolder(e)))
            {
                var name = Name(entry)[PackageLayout.FilesFolder.Length..];
                if (!expected.Remove(name, out var file) || PackageLayout.IsSymbols(name))
                    return Mismatch($"does not name '{name}', which the package holds");
                if (entry.Length != file.Length) return Mismatch($"gives '{name}' {file.Length} bytes; it has {entry.Length}");
                if (Extract(entry, Path.Combine(folder, name)) != file.Sha256) return Mismatch($"has another SHA-256 for '{name}' than the file");
            }

            return expected.Count == 0 ? null : Mismatch($"names '{expected.Keys.First()}', which the package does not hold");
        }
        catch (Exception e)
        {
            return Unreadable(File, e);
        }
    }

    public void Dispose()
    {
        _archive.Dispose();
        _stream.Dispose();
    }

    /// <summary>Names and sizes, before a byte is unpacked. A declared size is binding: the decompressor stops there.</summary>
    private static PluginProblem? Shape(string file, ZipArchive archive)
    {
        if (archive.Entries.Count > PackageLimits.FileCount)
            return TooLarge(file, $"holds {archive.Entries.Count} files; at most {PackageLimits.FileCount} are unpacked");
        long total = 0;
        foreach (var entry in archive.Entries)
        {
            total += entry.Length;
            if (entry.Length < 0 || total > PackageLimits.TotalBytes) return TooLarge(file, $"holds more than {PackageLimits.TotalBytes} bytes");
            if ((IsNuspec(entry) || IsManifest(entry)) && entry.Length > PackageLimits.DescriptionBytes)
                return TooLarge(file, $"holds a '{Name(entry)}' of {entry.Length} bytes");
            if (PackageLayout.Escapes(Name(entry)))
                return new(PluginProblemCode.PackagePathEscapes,
                    $"'{file}' holds a file with the path '{Name(entry)}', which leads out of the plugin's folder.",
                    "Do not use this package: no packer writes such a path by accident.");
        }

        if (archive.Entries.Count(IsNuspec) != 1) return NotAPlugin(file, "has no single nuspec at its root");
        return archive.Entries.Count(IsManifest) == 1 ? null : NotAPlugin(file, $"holds no {PackageLayout.ManifestFile}");
    }

    private static string Name(ZipArchiveEntry entry) => PackageLayout.Name(entry.FullName);

    private static bool IsFolder(ZipArchiveEntry entry) => Name(entry).EndsWith('/') && entry.Length == 0;

    private static bool IsNuspec(ZipArchiveEntry entry) =>
        !Name(entry).Contains('/', StringComparison.Ordinal) && Name(entry).EndsWith(".nuspec", StringComparison.OrdinalIgnoreCase);

    private static bool IsManifest(ZipArchiveEntry entry) => string.Equals(Name(entry), PackageLayout.ManifestFile, StringComparison.Ordinal);

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using var content = entry.Open();
        using var copy = new MemoryStream();
        content.CopyTo(copy);
        return copy.ToArray();
    }

    /// <returns>SHA-256 of what was written.</returns>
    private static string Extract(ZipArchiveEntry entry, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var content = entry.Open();
        using var file = new FileStream(target, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        var buffer = new byte[81920];
        long written = 0;
        int read;
        while ((read = content.Read(buffer)) > 0)
        {
            if ((written += read) > entry.Length) throw new InvalidDataException($"'{entry.FullName}' is longer than the archive says.");
            hash.AppendData(buffer, 0, read);
            file.Write(buffer, 0, read);
        }

        if (written < entry.Length) throw new InvalidDataException($"'{entry.FullName}' is shorter than the archive says.");
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static PluginProblem Unreadable(string file, Exception e) => System.IO.File.Exists(file)
        ? new(PluginProblemCode.PackageUnreadable, $"'{file}' cannot be read as a package: {Sentence(e.Message)}", "Download or pack it again.")
        : new(PluginProblemCode.PackageUnreadable, $"There is no package file '{file}'.",
            "Correct the path, or name a package's id and its folder with --source.");

    private static PluginProblem NotAPlugin(string file, string fact) =>
        new(PluginProblemCode.NotAPluginPackage, $"'{file}' is no plugin package: it {fact}.",
            "Make the package with 'titer plugin pack', or update the host.");

    private static PluginProblem TooLarge(string file, string fact) =>
        new(PluginProblemCode.PackageTooLarge, $"'{file}' {fact}.", "Pack only what the plugin needs.");

    private PluginProblem Mismatch(string fact) =>
        new(PluginProblemCode.PackageMismatch, $"The manifest of '{File}' {fact}.",
            "The package was changed or damaged after it was packed: get it again, or pack it again.");

    private static string Sentence(string message) => message.ReplaceLineEndings(" ").TrimEnd('.') + ".";
}
