using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Titer.Scenarios;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>A metric that is a plugin, and all that its process needs to answer for it.</summary>
internal sealed record MetricOrder
{
    public required string Id { get; init; }

    /// <summary>SHA-256 over the plugin's files, as the tournament was planned with.</summary>
    public required string ContentHash { get; init; }

    /// <summary>Canonical, as text.</summary>
    public required ImmutableSortedDictionary<string, string> Options { get; init; }

    /// <summary>Where the plugin lies; no process but the metric's own sees it.</summary>
    public required string Folder { get; init; }

    public required MetricLimits Limits { get; init; }

    /// <summary>One process answers for all that have the same.</summary>
    [JsonIgnore]
    public string Key => string.Join('\u001f', [Id, ContentHash, .. Options.Select(o => $"{o.Key}={o.Value}")]);

    /// <summary>Whether a scenario means this one.</summary>
    public bool Is(MetricChoice choice)
    {
        ArgumentNullException.ThrowIfNull(choice);
        return choice.Id == Id && choice.Options.Count == Options.Count && choice.Options.All(o => Options.GetValueOrDefault(o.Key) == o.Value);
    }
}
