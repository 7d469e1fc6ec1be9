using System.Globalization;

namespace Titer.Tournament;

/// <summary>Whether a spec that was read from a file is one that a plan and a fold can be made of. Pure.</summary>
public static class TournamentSpecCheck
{
    private const int MostSeeds = 100_000;
    private const int MostEntrants = 10_000;
    private const long MostPhases = 5_000_000;
    private const int MostNameCharacters = 10_000;

    /// <returns>What is wrong, as a clause; null when nothing is.</returns>
    public static string? Problem(TournamentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (!((string?[])[spec.Name, spec.Scenario, spec.ScenarioHash, spec.HostVersion, spec.Device]).All(IsName)) return "a name is missing";
        if (spec.Seeds is not { Count: > 0 and <= MostSeeds } || spec.Seeds.Distinct().Count() != spec.Seeds.Count)
            return "its seeds are none, or occur twice";
        if (spec.AttackSeeds > MostSeeds) return "it has attack seeds without end";
        if (!IsLimit(spec.DefenseLimits) || !IsLimit(spec.AttackLimits) || !IsLimit(spec.TrainabilityLimits))
            return "a budget is missing or out of its bounds";
        if (spec.Thresholds is null || !AreThresholds(spec.Thresholds)) return "a threshold is missing or out of its bounds";
        if (spec.EarlyStopping is { } rule
            && !((double[])[rule.Confidence, rule.HarmThreshold, rule.CoherenceFloor, rule.UtilityFloor]).All(IsShare))
            return "its early stopping is out of its bounds";
        if (spec.Aggregations is not { UtilityLosses: not null, TopN: > 0 } || !spec.Aggregations.UtilityLosses.All(IsShare))
            return "its aggregations are out of their bounds";
        if (!spec.Metrics.All(IsMetric)) return "one of its metrics is none";
        if (spec.HarmJudge is { } judge && !(IsName(judge.Name) && IsName(judge.Sha256) && judge.Check is null or { IsSound: true }))
            return "its judge is none, or was checked on answers that cannot be";
        if (spec.MetricLimits is { } limits && !(IsAmount(limits.Seconds) && IsAmount(limits.Megabytes))) return "its metrics have no bounds";
        if (EntrantProblem(spec.Defenses) is { } defense) return $"of its defenses {defense}";
        if (spec.Attacks is null || (spec.Attacks.Count > 0 && EntrantProblem(spec.Attacks) is not null))
            return "of its attacks one has no name, or two have the same";
        var phases = (double)spec.Seeds.Count * spec.Defenses.Count * (2 + (2.0 * spec.Attacks.Count * spec.AttackSeeds));
        return phases <= MostPhases ? null : "it has phases without end";
    }

    private static string? EntrantProblem(IReadOnlyList<Entrant>? entrants) =>
        entrants is not { Count: > 0 and <= MostEntrants } || entrants.Any(e => e is null) ? "there are none"
        : entrants.Any(e => !IsNamed(e) || (e.Then is { } then && !IsNamed(then))) ? "one has no name"
        : entrants.Any(e => e.Origin is { } origin && !Enum.IsDefined(origin)) ? "one is of no known origin"
        : entrants.Any(e => e.Search is { } search && !IsSearch(search)) ? "one searches nothing, or without end"
        : entrants.Any(e => e.Refusal is { } r && (!Enum.IsDefined(r.Status) || !PhaseResultCheck.IsCode(r.Code) || r.Reason is null))
            ? "one is refused for nothing"
        : entrants.Select(e => e.Label).Distinct().Count() != entrants.Count ? "two have the same name"
        : null;

    private static bool IsNamed(Entrant e) =>
        IsName(e.Id) && IsName(e.Label) && IsName(e.Family) && e is { ContentHash: not null, Paper: not null, Options: not null }
            && e.Options.Concat(e.Settings).All(o => o.Value is not null);

    private static bool IsSearch(AttackSearch search) =>
        search is { Tries: > 0 and <= MostEntrants, Space.Count: > 0 } && search.Space.All(d => d is not null && IsName(d.Option) && IsName(d.Start)
            && (d.From is null ? d.Values is { Count: > 0 } && d.Values.All(IsName) : IsRate(d.Start) && IsRate(d.From) && IsRate(d.To)));

    private static bool IsMetric(ScoringMetric? metric) =>
        metric is { ContentHash: not null } && Enum.IsDefined(metric.Role) && IsName(metric.Id) && metric.Options.All(o => o.Value is not null);

    private static bool IsAmount(double value) => value is > 0 and <= double.MaxValue;

    /// <summary>A number whose logarithm can be taken.</summary>
    private static bool IsRate(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= double.MaxValue;

    private static bool IsLimit(PhaseLimits? limits) =>
        limits is { Steps: >= 0, WallSeconds: >= 0 and <= double.MaxValue } && limits.Samples is null or >= 0
            && limits.MemoryMegabytes is null or (>= 0 and <= double.MaxValue);

    private static bool AreThresholds(Thresholds t) =>
        ((double[])[t.HarmThreshold, t.StabilityTolerance, t.HarmRiseTolerance, t.TrainabilityTolerance, t.UtilityFloor, t.CoherenceFloor])
        .All(IsShare)
        && t.TrainabilityStepRatio is >= 1 and <= double.MaxValue;

    private static bool IsShare(double value) => value is >= 0 and <= 1;

    private static bool IsName(string? name) => PhaseResultCheck.IsName(name, MostNameCharacters);
}
