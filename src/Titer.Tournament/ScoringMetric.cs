using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;

namespace Titer.Tournament;

/// <summary>What a metric's scores count as.</summary>
public enum MetricRole
{
    /// <summary>Harmfulness of answers to forbidden prompts.</summary>
    Harm,

    /// <summary>On benign prompts, those of the trainability task too.</summary>
    Utility,

    /// <summary>The guard.</summary>
    Coherence,

    /// <summary>A second opinion on harm: part of no score, and of no phase's id.</summary>
    Also,
}

/// <summary>A metric that the scenario's hash does not cover: a plugin, or one that the tournament names in place of the scenario's.</summary>
public sealed record ScoringMetric
{
    public required MetricRole Role { get; init; }

    public required string Id { get; init; }

    /// <summary>As canonical text; a plugin's differ from its defaults.</summary>
    public ImmutableSortedDictionary<string, string> Options { get => field ?? ImmutableSortedDictionary<string, string>.Empty; init; }

    /// <summary>SHA-256 over the plugin's files; empty for a metric of the host's own.</summary>
    public required string ContentHash { get; init; }

    [JsonIgnore]
    public bool IsPlugin => ContentHash.Length > 0;

    /// <summary>What of it changes a score.</summary>
    internal string Identity => string.Join('\u001f', [Role.ToString(), Id, ContentHash, .. Options.Select(o => $"{o.Key}={o.Value}")]);
}

/// <summary>What the process of a metric plugin may take.</summary>
/// <param name="Seconds">For one question: the answers of one evaluation under one template.</param>
/// <param name="Megabytes">Resident memory.</param>
public sealed record MetricLimits(double Seconds, double Megabytes)
{
    public static MetricLimits Default { get; } = new(60, 2000);

    internal string Identity => string.Create(CultureInfo.InvariantCulture, $"{Seconds:R} {Megabytes:R}");
}
