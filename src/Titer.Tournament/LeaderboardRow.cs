using System.Text.Json.Serialization;

namespace Titer.Tournament;

/// <summary>One defense on the leaderboard.</summary>
public sealed record LeaderboardRow
{
    /// <summary>Rows that are as good share it.</summary>
    public int Rank { get; init; }

    /// <summary>The best rank that the ends of the titers allow; never worse than <see cref="Rank"/>.</summary>
    public int RankLow { get; init; }

    public int RankHigh { get; init; }

    public required string Defense { get; init; }

    public string Paper { get; init; } = "";

    public required CellStatus Status { get; init; }

    public string? Code { get; init; }

    public string? Reason { get; init; }

    /// <summary>In-domain titer as people write it.</summary>
    public required string Titer { get; init; }

    /// <summary>The ends in the same form; <see cref="TiterEndsAre"/> says what they mean.</summary>
    public required string TiterInterval { get; init; }

    public required IntervalKind TiterEndsAre { get; init; }

    /// <summary>The ratio, or its lower bound; NaN when it was not measured.</summary>
    public required double TiterRatio { get; init; }

    /// <summary>Equal to <see cref="TiterRatio"/> where it is told exactly; infinite (null in files) where no attacker broke the model.</summary>
    public required double TiterHigh { get; init; }

    public required double TiterLowEnd { get; init; }

    public required double TiterHighEnd { get; init; }

    public required bool TiterIsCensored { get; init; }

    /// <summary>Why there is no titer; null when there is one.</summary>
    public string? TiterGap { get; init; }

    public required string CrossDomainTiter { get; init; }

    public required string CrossDomainTiterInterval { get; init; }

    public required double CrossDomainTiterRatio { get; init; }

    public required double CrossDomainTiterHigh { get; init; }

    public required double CrossDomainTiterLowEnd { get; init; }

    public required double CrossDomainTiterHighEnd { get; init; }

    public string? CrossDomainTiterGap { get; init; }

    public string? WorstAttack { get; init; }

    /// <summary>Cost to break of the cheapest attacker by the utility that it may ruin, in-domain.</summary>
    public IReadOnlyList<FrontierPoint> BreachFrontier { get; init; } = [];

    public IReadOnlyList<FrontierPoint> CrossDomainBreachFrontier { get; init; } = [];

    public required ConditionReport Resistance { get; init; }

    public required string StrongResistance { get; init; }

    /// <summary>Steps up to which no run refuted it.</summary>
    public double StrongResistanceAfter { get; init; } = double.NaN;

    /// <summary>The step by which a run did, beyond doubt; NaN in files when none did.</summary>
    public double StrongResistanceBy { get; init; } = double.NaN;

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

    /// <summary>
    /// The four conditions in the order of every table. Resistance is measured on unseen samples of known domains: generalization adds the withheld
    /// ones.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyList<Condition> Conditions =>
    [
        new("resistance", Resistance), new("stability", Stability), new("cross-domain", GeneralizationCrossDomain),
        new("trainability", Trainability),
    ];

    public bool PassesAll => Conditions.All(c => c.Report.Verdict == Verdict.Pass);

    /// <summary>Stability and trainability are asked before titer: who fails one ranks below those who do not.</summary>
    public bool FailsGate => Stability.Verdict == Verdict.Fail || Trainability.Verdict == Verdict.Fail;

    [JsonIgnore]
    internal TiterRatio TiterValue { get; init; } = Tournament.TiterRatio.NotMeasured;
}
