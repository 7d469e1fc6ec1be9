using System.Text.Json.Serialization;
using Titer.Plugins;

namespace Titer.Cli.Printed;

/// <summary>One plugin as <c>list</c> shows it; <c>--json</c> prints these.</summary>
internal sealed record ListedPlugin(
    string Id, string? Kind, string? Version, int? ApiLevel, string? ContentHash, [property: JsonIgnore] PluginState State, string Paper,
    string Summary, string Folder,
    IReadOnlyList<string> Problems)
{
    /// <summary>A metric of the host's own, which is no plugin.</summary>
    [JsonIgnore]
    public bool IsBuiltIn { get; init; }

    [JsonPropertyName("state")]
    public string StateName => IsBuiltIn ? "built_in" : State.ToString().ToLowerInvariant();

    /// <summary>What its author says of it and its paper.</summary>
    public PluginFidelity? Fidelity { get; init; }

    [JsonIgnore]
    public OptionsSchema Options { get; init; } = OptionsSchema.Empty;
}
