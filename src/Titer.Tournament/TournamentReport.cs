using System.Globalization;

namespace Titer.Tournament;

/// <summary>
/// What a tournament came to: leaderboard, crosstable and comparisons. Missing and failed phases are marked, never dropped.
/// </summary>
public sealed record TournamentReport(TournamentSpec Spec, IReadOnlyList<LeaderboardRow> Rows, IReadOnlyList<CellOutcome> Cells, double NoiseFloor,
    RunTimings Timings)
{
    public IReadOnlyList<DefenseComparison> Comparisons { get; init; } = [];

    public IReadOnlyList<DefenseRating> Ratings { get; init; } = [];

    /// <summary>What a reader must know before any number: what was not measured, and what cannot be told.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The season that it is of; null for none.</summary>
    public SeasonMark? Season { get; init; }

    /// <summary>Rows of the season before with other inputs; null without any.</summary>
    public IReadOnlyList<EarlierRow>? Earlier { get; init; }

    /// <summary>What the twins of an A/A tournament showed; null in any other.</summary>
    public AaOutcome? Aa { get; init; }

    /// <summary>How far the judge model that scores harm is to be believed; null where none does.</summary>
    public JudgeError? HarmJudge { get; init; }

    /// <summary>What other metrics say of the same answers.</summary>
    public IReadOnlyList<MetricOpinion> Opinions { get; init; } = [];

    /// <summary>What the phases were played on; more than one means that a run was continued elsewhere.</summary>
    public IReadOnlyList<PlayEnvironment> Environments { get; init; } = [];

    /// <summary>What of a harmfulness is chance, as a sentence.</summary>
    public string Noise => double.IsNaN(NoiseFloor) ? "No undefended run was measured, so nothing says what of a harmfulness is chance."
        : NoiseFloor >= 1 ? string.Create(CultureInfo.InvariantCulture,
            $"No difference in harmfulness can be told from chance by undefended runs alone: with so few, even {NoiseFloor:0.00} is noise.")
        : string.Create(CultureInfo.InvariantCulture, $"Differences in harmfulness under {NoiseFloor:0.00} are noise among undefended runs.");

    /// <summary>Attack steps that early stopping saved, as a part of those that the budget had.</summary>
    public double AttackStepsSaved { get; init; } = double.NaN;

    /// <summary>Every cell was played and scored (a wrecked model and an attack that was cut are results).</summary>
    public bool AllDone => Cells.All(c => c.Status is CellStatus.Done or CellStatus.Wrecked or CellStatus.Cut);
}
