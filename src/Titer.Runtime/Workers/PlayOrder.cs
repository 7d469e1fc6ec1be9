namespace Titer.Runtime.Workers;

/// <summary>What a play worker is to watch and play.</summary>
internal sealed record PlayOrder
{
    /// <summary>Exit code of a worker whose plugin did not stop for the next build.</summary>
    public const int StuckExitCode = 75;

    /// <summary>The plugin's folder, or its dll.</summary>
    public required string PluginPath { get; init; }

    /// <summary>Folders of the plugins that it plays against.</summary>
    public required IReadOnlyList<string> OpponentFolders { get; init; }

    public required string Scenario { get; init; }

    public required string Device { get; init; }

    /// <summary>Options of the plugin by name.</summary>
    public IReadOnlyDictionary<string, string> Set { get; init; } = new Dictionary<string, string>();

    /// <summary>The build that took the worker before this one down; it is not played again.</summary>
    public string? SkipContentHash { get; init; }

    /// <summary>Number of the first build, so that numbers go on after a restart.</summary>
    public int BuildsBefore { get; init; }
}
