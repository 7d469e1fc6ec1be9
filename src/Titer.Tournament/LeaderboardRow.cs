using System.Text.Json.Serialization;

namespace Titer.Tournament;

/// <summary>One defense on the leaderboard.</summary>
public sealed record LeaderboardRow
{
    public int Rank { get; init; }

    /// <summary>95% interval of the rank by titer, from the bootstrap.</summary>
    public int RankLow { get; init; }

    public int RankHigh { get; init; }

    public required string Defense { get; init; }

    public string Paper { get; init; } = "";

    public required CellStatus Status { get; init; }

    public string? Code { get; init; }

    public string? Reason { get; init; }

    /// <summary>In-domain titer as people write it.</summary>
    public required string Titer { get; init; }

    public required string TiterInterval { get; init; }

    public required double TiterRatio { get; init; }

    public required bool TiterIsCensored { get; init; }

    public required string CrossDomainTiter { get; init; }

    public string? WorstAttack { get; init; }

    public required ConditionReport Resistance { get; init; }

    public required string StrongResistance { get; init; }

    public required ConditionReport Stability { get; init; }

    public required ConditionReport GeneralizationInDomain { get; init; }

    public required ConditionReport GeneralizationCrossDomain { get; init; }

    public required ConditionReport Trainability { get; init; }

    /// <summary>Other ways to sum up the cells, by the names that people know.</summary>
    public required Aggregations Aggregations { get; init; }

    /// <summary>Breach probability against the attacker's steps, in-domain, the worst attacker of every seed.</summary>
    public IReadOnlyList<BreachPoint> BreachCurve { get; init; } = [];

    /// <summary>Defenses that this one is better than, after correction for many comparisons.</summary>
    public IReadOnlyList<string> BetterThan { get; init; } = [];

    /// <summary>Optimizer steps that the defense spent.</summary>
    public long DefenseSteps { get; init; }

    public long DefenseSamples { get; init; }

    /// <summary>The four conditions in the order of every table, generalization in its two parts.</summary>
    [JsonIgnore]
    public IReadOnlyList<Condition> Conditions =>
    [
        new("resistance", Resistance), new("stability", Stability), new("in-domain", GeneralizationInDomain),
        new("cross-domain", GeneralizationCrossDomain), new("trainability", Trainability),
    ];

    public bool PassesAll => Conditions.All(c => c.Report.Verdict == Verdict.Pass);

    [JsonIgnore]
    internal TiterRatio TiterValue { get; init; } = Tournament.TiterRatio.Undefined;

    [JsonIgnore]
    internal double[] TiterReplicates { get; init; } = [];

    /// <summary>Sound defenses before wrecked ones before those that failed.</summary>
    [JsonIgnore]
    internal int Soundness => Status switch { CellStatus.Done => 0, CellStatus.Wrecked => 1, _ => 2 };
}
