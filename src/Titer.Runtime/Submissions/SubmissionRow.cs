using Titer.Tournament;

namespace Titer.Runtime.Submissions;

/// <summary>A tournament narrowed to one row: that defense and the undefended subject. Its phases are those of the whole one.</summary>
internal static class SubmissionRow
{
    public static TournamentSpec Of(TournamentSpec spec, Entrant defense)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec with
        {
            Defenses = defense == spec.Defenses[0] ? [defense] : [Bare(spec.Defenses[0]), Bare(defense)],
            Attacks = [.. spec.Attacks.Select(Bare)],
            Policy = null,
            ScenarioSource = null,
            IsAa = false,
        };
    }

    public static SubmissionClaim Claim(TournamentSpec spec, LeaderboardRow row, int phases)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(row);
        return new SubmissionClaim(spec.Scenario, spec.ScenarioHash, row.Defense, row.Titer, row.CrossDomainTiter,
            [.. row.Conditions.Select(c => c.Report.Word)], phases);
    }

    /// <summary>Without what is for people.</summary>
    private static Entrant Bare(Entrant entrant) => entrant with { Card = null, Standing = null, Submission = null };
}
