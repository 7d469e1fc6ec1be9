using System.Text.Json;
using System.Text.Json.Serialization;
using Titer.Files;

namespace Titer.Plugins.Packaging;

/// <summary><c>titer-plugin.json</c>: what a package says about its plugin. Nothing in it is believed:
/// an installation compares it with the files.</summary>
public sealed record PluginPackageManifest
{
    /// <summary>Raised when an older host could misunderstand the package.</summary>
    public const int CurrentFormat = 1;

    public required int FormatVersion { get; init; }

    /// <summary>The plugin's id, not the package's.</summary>
    public required string Id { get; init; }

    /// <summary>For example <c>defense</c>.</summary>
    public required string Kind { get; init; }

    public required string PackageVersion { get; init; }

    public required int ApiLevel { get; init; }

    public string Summary { get; init; } = "";

    public string Paper { get; init; } = "";

    public string TargetFramework { get; init; } = "";

    /// <summary>As <see cref="Plugins.ContentHash"/> gives for the plugin's folder.</summary>
    public required string ContentHash { get; init; }

    /// <summary>In ordinal order of the paths.</summary>
    public required IReadOnlyList<PackagedFile> Files { get; init; }

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, PackagingJson.Default.PluginPackageManifest);

    /// <summary>The manifest, or why there is none: the format is looked at before anything else, since another one may have other fields.</summary>
    internal static (PluginPackageManifest? Manifest, string? Reason) Parse(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return (null, "is no JSON object");
            if (!document.RootElement.TryGetProperty("format_version", out var format) || format.ValueKind != JsonValueKind.Number
                || !format.TryGetInt32(out var version))
                return (null, "has no format_version");
            if (version != CurrentFormat) return (null, $"has format {version}; this host reads {CurrentFormat}");
            var manifest = document.RootElement.Deserialize(PackagingJson.Default.PluginPackageManifest)!;
            // The serializer checks properties for null, not the elements of a list.
            return manifest.Files.Any(f => f is null) ? (null, "has an empty file entry") : (manifest, null);
        }
        catch (JsonException e)
        {
            return (null, $"cannot be read ({e.Message})");
        }
    }
}

/// <param name="Path">Relative to the plugin's folder, with slashes.</param>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
public sealed record PackagedFile(string Path, string Sha256, long Length);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, NewLine = "\n",
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PluginPackageManifest))]
[JsonSerializable(typeof(InstallLedgerFile))]
internal sealed partial class PackagingJson : JsonSerializerContext;
