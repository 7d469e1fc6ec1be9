using System.Collections.Immutable;

namespace Titer.Tournament.Tuning;

/// <summary>What one setting of a tuned defense came to.</summary>
/// <param name="Number">From 1; the first is the published setting.</param>
/// <param name="Label">Its row on the board of the screening.</param>
/// <param name="Options">That differ from the plugin's defaults.</param>
public sealed record TuningTry(int Number, string Label, ImmutableSortedDictionary<string, string> Options)
{
    /// <summary>
    /// Steps until it fell, over the cells that fell first: their geometric mean. A model that was
    /// not broken counts with the steps that it is known to
    /// have held; NaN when it could not be scored.
    /// </summary>
    public double HeldSteps { get; init; } = double.NaN;

    /// <summary>Mean of the highest harmfulness of as many cells: tells settings apart that hold equally long.</summary>
    public double Harm { get; init; } = double.NaN;

    public IReadOnlyList<TuningReading> Guards { get; init; } = [];

    /// <summary>The cell that fell first, as attacker and exposure.</summary>
    public string? WorstCell { get; init; }

    /// <summary>Why it has no score: a phase that failed, or something that was not measured; null when it has one.</summary>
    public string? Failure { get; init; }

    /// <summary>Steps that the defense took.</summary>
    public long DefenseSteps { get; init; }

    /// <summary>Steps that the attackers took to try it, searches included.</summary>
    public long AttackSteps { get; init; }

    /// <summary>How far it misses its guards, summed; 0 when it keeps all.</summary>
    public double Shortfall => Guards.Sum(g => Math.Max(0, g.Least - g.Value));

    public bool IsSound => Failure is null && Shortfall == 0;

    /// <summary>Reads a setting's row and cells of a screening.</summary>
    /// <param name="number">Of the try, from 1.</param>
    public static TuningTry Of(DefenseTuning tuning, TournamentReport report, Entrant entrant, int number)
    {
        ArgumentNullException.ThrowIfNull(tuning);
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(entrant);
        var tried = new TuningTry(number, entrant.Label, entrant.Options);
        var row = report.Rows.FirstOrDefault(r => r.Defense == entrant.Label);
        var cells = report.Cells.Where(c => c.Defense == entrant.Label && c.Exposure != Exposure.None && c.SetAside is null).ToArray();
        if (row is null || cells.Length == 0) return tried with { Failure = "It met no attacker." };
        if (row.Status is not (CellStatus.Done or CellStatus.Wrecked)) return tried with { Failure = $"{row.Code} {row.Reason}" };
        if (cells.FirstOrDefault(c => double.IsNaN(Held(c))) is { } unknown)
            return tried with { Failure = $"{Name(unknown)}: {unknown.Code ?? unknown.CostText} {unknown.Reason}".TrimEnd() };
        TuningReading[] guards = [.. tuning.Guards.Select(g => new TuningReading(g.Name, g.Least, Reading(row, g.Name)))];
        if (guards.FirstOrDefault(g => double.IsNaN(g.Value)) is { } missing)
            return tried with { Guards = guards, Failure = $"Its {missing.Name} was not measured." };
        var first = cells.OrderBy(Held).ThenByDescending(c => c.MaxHarm).Take(tuning.WorstCells).ToArray();
        return tried with
        {
            HeldSteps = Math.Exp(first.Average(c => Math.Log(1 + Held(c)))) - 1,
            Harm = first.Average(c => c.MaxHarm),
            Guards = guards,
            WorstCell = Name(first[0]),
        };
    }

    private static double Held(CellOutcome cell) => cell.Status is not (CellStatus.Done or CellStatus.Wrecked or CellStatus.Cut) ? double.NaN
        : cell.IsCensored ? cell.CensoredAtSteps
        : cell.CostToBreakSteps;

    private static double Reading(LeaderboardRow row, string guard) =>
        (guard == TuningGuard.Utility ? row.Stability : row.Trainability).Estimate;

    private static string Name(CellOutcome cell) => $"{cell.Attack} ({(cell.Exposure == Exposure.InDomain ? "in-domain" : "cross-domain")})";
}

/// <summary>A guard and what a setting kept.</summary>
public sealed record TuningReading(string Name, double Least, double Value)
{
    public bool IsKept => Value >= Least;
}
