namespace Titer.Tournament.Scoring;

/// <summary>
/// Columns of the crosstable that count for no row. The worst case over attackers is fair only where all of them met all defenses: a stranger's
/// attack that fails, or ruins its model for nothing, on defenses of its choice would decide who has a titer. So it counts for all or for none. What
/// the host's own attacks fail at is the defense's to bear: otherwise a defense could rid itself of an attacker by making it fail.
/// </summary>
internal static class AsideColumns
{
    private const int MostReasonCharacters = 300;

    /// <summary>Why each set-aside attacker is, by family and exposure.</summary>
    public static IReadOnlyDictionary<(string Attacker, Exposure Exposure), string> Of(PlayedCells played)
    {
        var aside = new Dictionary<(string, Exposure), string>();
        foreach (var family in played.Families.Where(f => f.Tries.Any(t => t.IsForeign)))
        {
            foreach (var exposure in family.Exposures)
            {
                var failures = played.Spec.Defenses.AsParallel().AsOrdered()
                    .Select(d => (Defense: d.Label, What: Failing(played, d.Label, family, exposure)))
                    .Where(f => f.What is not null).ToArray();
                if (failures.Length > 0) aside.Add((family.Label, exposure), Reason(played, failures!));
            }
        }

        return aside;
    }

    private static string Reason(PlayedCells played, (string Defense, string What)[] failures)
    {
        var where = failures.Length == played.Spec.Defenses.Count ? "every defense" : failures.Length > 3
            ? $"{string.Join(", ", failures.Take(3).Select(f => f.Defense))} and {failures.Length - 3} more"
            : string.Join(", ", failures.Select(f => f.Defense));
        return $"It did not play {where} to the end ({failures[0].What}), so it counts for no defense.";
    }

    /// <summary>What the attacker did not do on a sound model; null when it did all, or has not finished yet.</summary>
    private static string? Failing(PlayedCells played, string defense, AttackFamily family, Exposure exposure)
    {
        var cells = played.CountedCells(defense, family, exposure);
        if (played.Failure(cells.Select(c => (c.Seed, c.DefendPhaseId))) is not null) return null;
        if (cells.Select(c => (c.Seed, c.IsReplay, Result: played.Result(c.AttackPhaseId)))
            .FirstOrDefault(c => c.Result is { Status: not PhaseStatus.Done }) is { Result: { } failed } cell)
            return $"{defense}, seed {cell.Seed}{(cell.IsReplay ? ", played twice" : "")}: {failed.Code} {Short(failed.Reason)}";
        // A run that broke the model says what it says, whatever the others did.
        return played.Counted(defense, family, exposure) is { Missing: 0, Broken: 0, IsComplete: false, WasSound: true } group
            ? $"{defense}: {What(group)}"
            : null;
    }

    private static string What(RunGroup group) => group.Wrecked > 0
        ? $"it wrecked the model in {group.Wrecked} of {group.Runs.Count} runs and got nothing harmful"
        : $"its seconds were up in {group.Cut} of {group.Runs.Count} runs";

    /// <summary>A plugin's own words, and the cells have all of them.</summary>
    private static string? Short(string? reason) => reason?.Length > MostReasonCharacters ? reason[..MostReasonCharacters] + " ..." : reason;
}
