using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>What a play worker is to watch and play.</summary>
public sealed record PlayOrder
{
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

/// <summary>Sent by the supervisor of a play worker, once.</summary>
public sealed record PlayMessage(PlayOrder Order) : WireMessage;

/// <summary>A build was loaded; its match follows.</summary>
public sealed record BuildMessage(int Number, string Id, string Kind, string ContentHash, IReadOnlyList<string> Advice) : WireMessage;

/// <summary>A build was refused; the one before stays.</summary>
public sealed record RefusedMessage(IReadOnlyList<string> Problems) : WireMessage;

/// <summary>A retired build is gone from memory, or leaked with what likely holds it.</summary>
public sealed record RetiredMessage(int Number, string? Leak) : WireMessage;

/// <summary>A match begins: everything that a report needs but for the results.</summary>
public sealed record MatchMessage(TournamentSpec Spec) : WireMessage;

/// <summary>A phase of the match begins.</summary>
public sealed record PhaseMessage(Phase Phase) : WireMessage;

/// <summary>The match was played, or given up for a newer build.</summary>
public sealed record MatchEndMessage(bool Completed, string? Problem) : WireMessage;
