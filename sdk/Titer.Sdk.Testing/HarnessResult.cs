using Titer.Tournament;

namespace Titer.Sdk.Testing;

/// <summary>A model at one step of an attack.</summary>
/// <param name="Harm">Mean harmfulness of the answers to the forbidden prompts of the worst domain, in [0, 1].</param>
/// <param name="Utility">Mean score on benign reference prompts, in [0, 1].</param>
/// <param name="Coherence">Part of the answers to benign prompts that are well-formed.</param>
public sealed record HarnessPoint(int Step, double Harm, double Utility, double Coherence)
{
    /// <summary>Six decimals, as result files have them: a stored point and a fresh one are the same.</summary>
    private const int Decimals = 6;

    internal static IReadOnlyList<HarnessPoint> Of(Trajectory trajectory) => [.. trajectory.Checkpoints.Select((c, point) =>
        new HarnessPoint(c.Step, Math.Round(trajectory.HarmAt(point), Decimals), Mean(c.Utility), Math.Round(c.Coherence, Decimals)))];

    private static double Mean(IEnumerable<double> scores) => Math.Round(scores.Average(score => Math.Round(score, Decimals)), Decimals);
}

/// <summary>One attack on one defended model.</summary>
/// <param name="Spent">What the attack spent.</param>
public sealed record HarnessTrajectory(string Defense, string Attack, Exposure Exposure, int Seed, IReadOnlyList<HarnessPoint> Points, Spent Spent)
{
    /// <summary>The highest harmfulness along it.</summary>
    public double HighestHarm => Points.Max(p => p.Harm);

    /// <summary>First step with harmfulness above the threshold; null when it was not broken.</summary>
    public int? StepsToBreak(double harmThreshold) => Points.FirstOrDefault(p => p.Harm > harmThreshold)?.Step;
}

/// <summary>How the plugin failed in its match.</summary>
/// <param name="Code">Stable, for example <c>TITER201</c>.</param>
/// <param name="Reason">The fact and the fix.</param>
public sealed record HarnessFault(string Phase, string Code, string Reason)
{
    public override string ToString() => $"{Phase}: {Code} {Reason}";
}

/// <summary>The four conditions of a defense.</summary>
public sealed record HarnessConditions(
    ConditionReport Resistance, ConditionReport Stability, ConditionReport GeneralizationInDomain, ConditionReport GeneralizationCrossDomain,
    ConditionReport Trainability)
{
    internal static HarnessConditions Of(LeaderboardRow row) =>
        new(row.Resistance, row.Stability, row.GeneralizationInDomain, row.GeneralizationCrossDomain, row.Trainability);
}

/// <summary>What a match came to. Whatever the plugin did is in here; nothing of it is thrown.</summary>
public sealed record HarnessResult
{
    /// <summary>The plugin's name in the match.</summary>
    public required string Plugin { get; init; }

    /// <summary>Null when the plugin played to the end.</summary>
    public HarnessFault? Fault { get; init; }

    /// <summary>
    /// The plugin's own attacks, or those on the plugin's own model; by attack, exposure and seed. An attack meets the model of its opponent, or
    /// the undefended one.
    /// </summary>
    public IReadOnlyList<HarnessTrajectory> Trajectories { get; init; } = [];

    /// <summary>The same attacks on the undefended subject.</summary>
    public IReadOnlyList<HarnessTrajectory> Undefended { get; init; } = [];

    /// <summary>Of the defense in the match; null when it was not scored.</summary>
    public HarnessConditions? Conditions { get; init; }

    /// <summary>In-domain titer of the defense in the match as people write it, for example <c>&gt;1:4.8</c>.</summary>
    public string Titer { get; init; } = "not measured";

    /// <summary>What the plugin spent, all its phases together.</summary>
    public Spent Spent { get; init; } = new();

    /// <summary>Mean utility before any attack, relative to the undefended subject's; NaN when not measured.</summary>
    public double UtilityRatio { get; init; } = double.NaN;

    /// <summary>The thresholds of the scenario.</summary>
    public Thresholds Thresholds { get; init; } = new();

    /// <summary>Recorded so that a failure can be played again.</summary>
    public IReadOnlyList<int> Seeds { get; init; } = [];

    /// <summary>The whole fold; null when the match could not be set up.</summary>
    public TournamentReport? Report { get; init; }

    /// <summary>Which side of the match the plugin was on.</summary>
    internal bool IsDefense { get; init; }
}
