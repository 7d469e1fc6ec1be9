using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Titer.Files;
using Titer.Plugins.Metadata;
using Titer.Sdk;

namespace Titer.Plugins;

/// <summary>
/// Manifests of plugin types that are loaded already: an author's tests reference their plugin as they reference any code, and the gate reads
/// folders only. Options come from the same metadata reader as the gate's.
/// </summary>
internal static class TypeManifest
{
    /// <param name="identity">Enters the content hash: objects that play differently must not share results.</param>
    /// <exception cref="ArgumentException">The type is no plugin.</exception>
    public static PluginManifest Of(Type entry, string identity = "")
    {
        ArgumentNullException.ThrowIfNull(entry);
        var declared = entry.Assembly.GetCustomAttribute<TiterPluginAttribute>();
        return New(entry, declared?.Id ?? SnakeCase.Of(entry.Name), declared?.TrainsOn ?? TrainingData.Harmful, identity) with
        {
            ApiLevel = declared?.ApiLevel ?? SdkApi.Level,
            Summary = declared?.Summary ?? "",
            Paper = declared?.Paper ?? "",
            NeedsParent = declared?.NeedsParent ?? false,
            OptionsType = OptionsTypeOf(entry)?.FullName,
            Options = SchemaOf(OptionsTypeOf(entry)),
        };
    }

    public static PluginManifest BuiltIn(Type entry, string id, TrainingData trainsOn) => New(entry, id, trainsOn, "built-in");

    /// <summary>The options record that the type's constructor takes; null when it takes none.</summary>
    public static Type? OptionsTypeOf(Type entry) =>
        entry.GetConstructors() is [var only] && only.GetParameters() is [var options] ? options.ParameterType : null;

    /// <summary>
    /// The options that an object was made with, by name, as far as they differ from the defaults. A primary constructor keeps them in a field;
    /// where none of that type is found, the object counts as one with defaults.
    /// </summary>
    public static IReadOnlyDictionary<string, string> OptionsIn(object plugin, PluginManifest manifest)
    {
        var optionsType = OptionsTypeOf(plugin.GetType());
        var field = plugin.GetType().GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .FirstOrDefault(f => f.FieldType == optionsType);
        if (optionsType is null || field?.GetValue(plugin) is not { } options) return new Dictionary<string, string>();
        var texts = OptionsBinder.Texts(options).Where(o => manifest.Options.Fields.Any(f => f.Name == o.Key && f.Default != o.Value));
        return texts.ToDictionary(o => o.Key, o => o.Value, StringComparer.Ordinal);
    }

    private static PluginManifest New(Type entry, string id, TrainingData trainsOn, string identity)
    {
        var kind = entry.IsAssignableTo(typeof(IDefense)) ? PluginKind.Defense
            : entry.IsAssignableTo(typeof(IAttack)) ? PluginKind.Attack
            : entry.IsAssignableTo(typeof(IMetric)) ? PluginKind.Metric
            : throw new ArgumentException($"'{entry.FullName}' implements none of IDefense, IAttack and IMetric.", nameof(entry));
        var name = entry.Assembly.GetName();
        return new PluginManifest
        {
            Id = id,
            Kind = kind,
            EntryType = entry.FullName ?? entry.Name,
            ApiLevel = SdkApi.Level,
            TrainsOn = trainsOn,
            AssemblyName = name.Name ?? "",
            Version = name.Version?.ToString() ?? "",
            References = [],
            ContentHash =
                Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{entry.FullName}|{entry.Module.ModuleVersionId}|{identity}"))),
        };
    }

    private static OptionsSchema SchemaOf(Type? optionsType)
    {
        // An assembly that was loaded from memory has no file to read.
        if (optionsType?.FullName is not { } name || optionsType.Assembly.Location is not { Length: > 0 } location) return OptionsSchema.Empty;
        using var file = AssemblyFile.Open(location);
        var handle = file?.Find(name) ?? default;
        return handle.IsNil ? OptionsSchema.Empty : new OptionsReader(file!, HostFacts.Read().Sdk).Read(handle).Schema;
    }
}
