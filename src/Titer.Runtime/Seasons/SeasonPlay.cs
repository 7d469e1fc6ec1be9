using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Titer.Tournament;

namespace Titer.Runtime.Seasons;

/// <summary>Everything of a tournament that can change an answer, but for who defends: what a season freezes of it, and what a board is held
/// against.</summary>
internal sealed record SeasonPlay
{
    public required string HostVersion { get; init; }

    /// <summary><c>cpu</c> or <c>cuda</c>.</summary>
    public required string Device { get; init; }

    public required string Scenario { get; init; }

    public required string ScenarioSha256 { get; init; }

    /// <summary>Control first.</summary>
    public required IReadOnlyList<SeasonEntrant> Attacks { get; init; }

    public required PhaseLimits AttackBudget { get; init; }

    public required PhaseLimits DefenseBudget { get; init; }

    public required PhaseLimits TrainabilityBudget { get; init; }

    public required IReadOnlyList<int> Seeds { get; init; }

    public required int AttackSeeds { get; init; }

    public required Thresholds Thresholds { get; init; }

    public StoppingRule? EarlyStopping { get; init; }

    public required AggregationSettings Aggregations { get; init; }

    /// <summary>In place of the scenario's, those that are no second opinion.</summary>
    public IReadOnlyList<ScoringMetric> Metrics { get; init; } = [];

    /// <param name="drawn">The operator's seeds, which are none of what was frozen; nor are hidden attacks.</param>
    public static SeasonPlay Of(TournamentSpec spec, IReadOnlyList<int>? drawn = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return new SeasonPlay
        {
            HostVersion = spec.HostVersion,
            Device = spec.Device.Split(':')[0],
            Scenario = spec.Scenario,
            ScenarioSha256 = spec.ScenarioHash,
            Attacks = [.. spec.Attacks.Where(a => a.IsHidden != true).Select(SeasonEntrant.Of)],
            AttackBudget = spec.AttackLimits,
            DefenseBudget = spec.DefenseLimits,
            TrainabilityBudget = spec.TrainabilityLimits,
            Seeds = [.. spec.Seeds.Except(drawn ?? [])],
            AttackSeeds = spec.AttackSeeds,
            Thresholds = spec.Thresholds,
            EarlyStopping = spec.EarlyStopping,
            Aggregations = spec.Aggregations,
            Metrics = [.. spec.Metrics.Where(m => m.Role != MetricRole.Also)],
        };
    }

    public JsonNode Json() => JsonSerializer.SerializeToNode(this, SeasonJson.Default.SeasonPlay)!;
}

/// <summary>A plugin with its options, as it enters.</summary>
internal sealed record SeasonEntrant
{
    public required string Id { get; init; }

    public required string Label { get; init; }

    /// <summary>Of its package's files.</summary>
    public required string ContentSha256 { get; init; }

    /// <summary>Those that differ from its defaults.</summary>
    public ImmutableSortedDictionary<string, string> Options { get => field ?? ImmutableSortedDictionary<string, string>.Empty; init; }

    public string? Family { get; init; }

    public AttackSearch? Search { get; init; }

    /// <summary>The second of two attacks in a row.</summary>
    public SeasonEntrant? Then { get; init; }

    public static SeasonEntrant Of(Entrant entrant) => new()
    {
        Id = entrant.PluginId,
        Label = entrant.Label,
        ContentSha256 = entrant.ContentHash,
        Options = entrant.Options,
        Family = entrant.Family == entrant.Label ? null : entrant.Family,
        Search = entrant.Search,
        Then = entrant.Then is { } then ? Of(then) : null,
    };
}
