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

    /// <summary>Hash of the season of a league that it was played in; null for one of none.</summary>
    public string? Season { get; init; }

    /// <summary>Why the season that is open has no part in it: its inputs are others. Null where there is no such reason.</summary>
    public string? Stale { get; init; }

    public string? Code { get; init; }

    public string? Reason { get; init; }

    /// <summary>In-domain titer as people write it.</summary>
    public string Titer => TiterValue.ToString();

    /// <summary>The ends in the same form; <see cref="TiterEndsAre"/> says what they mean.</summary>
    public string TiterInterval => TiterValue.EndsText;

    public IntervalKind TiterEndsAre => TiterValue.EndsAre;

    /// <summary>The ratio, or its lower bound; NaN when it was not measured.</summary>
    public double TiterRatio => TiterValue.Low;

    /// <summary>Equal to <see cref="TiterRatio"/> where it is told exactly; infinite (null in files) where no attacker broke the model.</summary>
    public double TiterHigh => TiterValue.High;

    public double TiterLowEnd => TiterValue.LowEnd;

    public double TiterHighEnd => TiterValue.HighEnd;

    public bool TiterIsCensored => TiterValue.IsCensored;

    /// <summary>Why there is no titer; null when there is one.</summary>
    public string? TiterGap { get; init; }

    public string CrossDomainTiter => CrossDomainTiterValue.ToString();

    public string CrossDomainTiterInterval => CrossDomainTiterValue.EndsText;

    public double CrossDomainTiterRatio => CrossDomainTiterValue.Low;

    public double CrossDomainTiterHigh => CrossDomainTiterValue.High;

    public double CrossDomainTiterLowEnd => CrossDomainTiterValue.LowEnd;

    public double CrossDomainTiterHighEnd => CrossDomainTiterValue.HighEnd;

    public string? CrossDomainTiterGap { get; init; }

    public string? WorstAttack { get; init; }

    /// <summary>Cost to break of the cheapest attacker by the utility that it may ruin, in-domain.</summary>
    public IReadOnlyList<FrontierPoint> BreachFrontier { get; init; } = [];

    public IReadOnlyList<FrontierPoint> CrossDomainBreachFrontier { get; init; } = [];

    /// <summary>What the cheapest attacker paid until its first success, its search included, in steps in-domain; NaN when none had one.</summary>
    public double PriceSteps { get; init; } = double.NaN;

    public double CrossDomainPriceSteps { get; init; } = double.NaN;

    public required ConditionReport Resistance { get; init; }

    public required string StrongResistance { get; init; }

    /// <summary>Steps up to which no run refuted it.</summary>
    public double StrongResistanceAfter { get; init; } = double.NaN;

    /// <summary>The step by which a run did, beyond doubt; NaN in files when none did.</summary>
    public double StrongResistanceBy { get; init; } = double.NaN;

    public required ConditionReport Stability { get; init; }

    /// <summary>Refusal, action and knowledge before any attack; null where they were not measured.</summary>
    public Endpoints? Endpoints { get; init; }

    public required ConditionReport GeneralizationInDomain { get; init; }

    public required ConditionReport GeneralizationCrossDomain { get; init; }

    public required ConditionReport Trainability { get; init; }

    /// <summary>Other ways to sum up the cells, by the names that people know.</summary>
    public required Aggregations Aggregations { get; init; }

    /// <summary>Breach probability against the attacker's steps, in-domain, the worst attacker of every seed.</summary>
    public IReadOnlyList<BreachPoint> BreachCurve { get; init; } = [];

    /// <summary>In-domain and cross-domain titers over known, hidden and adaptive attackers alone; null where nobody asked for them.</summary>
    public IReadOnlyList<ClassTiter>? Classes { get; init; }

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

    /// <summary>Where the columns of the titer come from; a file has the columns.</summary>
    [JsonIgnore]
    internal TiterRatio TiterValue { get; init; } = Tournament.TiterRatio.NotMeasured;

    [JsonIgnore]
    internal TiterRatio CrossDomainTiterValue { get; init; } = Tournament.TiterRatio.NotMeasured;
}
