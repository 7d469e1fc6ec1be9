using Titer.Files;
using Titer.Plugins.Metadata;
using Titer.Sdk;

namespace Titer.Plugins;

/// <summary>What an assembly says about itself, read from metadata: no code of the plugin has run.</summary>
public sealed record PluginManifest
{
    /// <summary>Name in tournament files and on the leaderboard, snake_case.</summary>
    public required string Id { get; init; }

    public required PluginKind Kind { get; init; }

    /// <summary>Full name of the class that implements the SDK's interface.</summary>
    public required string EntryType { get; init; }

    public required int ApiLevel { get; init; }

    public string Summary { get; init; } = "";

    public string Paper { get; init; } = "";

    /// <summary>What an attack trains on; without meaning for other kinds.</summary>
    public TrainingData TrainsOn { get; init; } = TrainingData.Harmful;

    /// <summary>A tournament that names no entrants plays it.</summary>
    public bool EntersByDefault { get; init; } = true;

    /// <summary>An attack needs the weights of the subject's parent: it plays where the scenario has them.</summary>
    public bool NeedsParent { get; init; }

    public required string AssemblyName { get; init; }

    /// <summary>Informational version of the assembly, or its assembly version.</summary>
    public required string Version { get; init; }

    /// <summary>For example <c>.NETCoreApp,Version=v10.0</c>; empty when the assembly does not say.</summary>
    public string TargetFramework { get; init; } = "";

    public required IReadOnlyList<ReferencedAssembly> References { get; init; }

    /// <summary>Full name of the options record; null when the plugin has no options.</summary>
    public string? OptionsType { get; init; }

    public OptionsSchema Options { get; init; } = OptionsSchema.Empty;

    /// <summary>What its <c>fidelity.json</c> says; null without a usable one.</summary>
    public PluginFidelity? Fidelity { get; init; }

    /// <summary>SHA-256 over the folder's files, 64 lower-case hexadecimal digits; see <see cref="Plugins.ContentHash"/>.</summary>
    public required string ContentHash { get; init; }
}

public sealed record ReferencedAssembly(string Name, Version Version);
