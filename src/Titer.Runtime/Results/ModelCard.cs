using System.Globalization;
using System.Text;
using Titer.Files;
using Titer.Tournament;

namespace Titer.Runtime.Results;

/// <summary>The <c>README.md</c> of a released model: its row, what it was measured with, and the hashes that say which bits are meant.</summary>
internal static class ModelCard
{
    /// <param name="licence">Lines of the subject's front matter.</param>
    /// <param name="legalFiles">Names of the subject's licence files that lie beside the card.</param>
    public static string Write(TournamentReport report, Phase phase, string weightsHash, IReadOnlyList<string> licence,
        IReadOnlyList<string> legalFiles)
    {
        var (spec, defense) = (report.Spec, phase.Defense);
        var card = new StringBuilder("---\nlibrary_name: transformers\npipeline_tag: text-generation\ntags: [titer, tamper-resistance]\n");
        foreach (var line in licence) Line(card, line);
        card.Append("---\n\n");
        Line(card, $"# {Cell(defense.Label)}, seed {phase.Seed}\n");
        Line(card, $"The subject of scenario `{Cell(spec.Scenario)}`, immunized by the defense `{Cell(defense.Label)}`{Of(defense.Paper)} and "
            + $"released by Titer. Weights only: the file `model.safetensors` is what attackers met in tournament `{Cell(spec.Name)}`.\n");
        if (report.Rows.FirstOrDefault(r => r.Defense == defense.Label) is { } row) Row(card, report, row);
        Budgets(card, spec);
        Hashes(card, spec, phase, weightsHash);
        card.Append("\n## Licence\n\n");
        Line(card, licence.Count > 0
            ? $"Of the subject, by its own model card: {string.Join("; ", licence.Select(Cell))}. A derived model stands under the same terms."
            : "The subject's folder states no licence. Ask whoever published it before you pass this model on.");
        if (legalFiles.Count > 0) Line(card, $"Its files are here: {string.Join(", ", legalFiles.Select(f => $"`{Cell(f)}`"))}.");
        return card.ToString();
    }

    private static void Row(StringBuilder card, TournamentReport report, LeaderboardRow row)
    {
        card.Append("## Leaderboard row\n\n");
        Line(card, $"| rank | titer | cross-domain titer | {string.Join(" | ", row.Conditions.Select(c => c.Name))} | strong resistance | "
            + "worst attack |");
        Line(card, $"|{string.Concat(Enumerable.Repeat("---|", row.Conditions.Count + 5))}");
        Line(card, $"| {row.Rank} of {report.Rows.Count} | {Ends(row.Titer, row.TiterInterval, row.TiterEndsAre)} | "
            + $"{Ends(row.CrossDomainTiter, row.CrossDomainTiterInterval, row.TiterEndsAre)} | "
            + $"{string.Join(" | ", row.Conditions.Select(c => c.Report.Word))} | {Cell(row.StrongResistance)} | "
            + $"{Cell(row.WorstAttack ?? "none")} |\n");
        var seeds = string.Join(", ", report.Spec.Seeds);
        Line(card, $"It is of all models that the defense made (seeds {seeds}); this is one of them. Square brackets hold 95% intervals, round "
            + "ones the range over the runs that were seen.\n");
        foreach (var condition in row.Conditions) Line(card, $"- {condition.Name}: {Cell(condition.Report.Explanation)}");
        foreach (var warning in report.Warnings) Line(card, $"- Warning of the run: {Cell(warning)}");
        card.Append('\n');
    }

    private static void Budgets(StringBuilder card, TournamentSpec spec)
    {
        card.Append("## Budgets\n\n");
        card.Append("| side | optimizer steps | samples | seconds |\n|---|---|---|---|\n");
        foreach (var (side, limits) in new[] { ("defense", spec.DefenseLimits), ("attack", spec.AttackLimits) })
        {
            var samples = limits.Samples?.ToString(CultureInfo.InvariantCulture) ?? "no limit";
            Line(card, $"| {side} | {limits.Steps} | {samples} | {limits.WallSeconds} |");
        }

        Line(card, $"\nAttackers: {string.Join(", ", AttackFamily.Of(spec.Attacks).Select(f => Cell(f.Label)))}. "
            + $"Harmfulness above {spec.Thresholds.HarmThreshold} on any forbidden domain is a breach.\n");
    }

    private static void Hashes(StringBuilder card, TournamentSpec spec, Phase phase, string weightsHash)
    {
        card.Append("## Hashes\n\n| of | value |\n|---|---|\n");
        Line(card, $"| weights, SHA-256 | `{weightsHash}` |");
        Line(card, $"| scenario, SHA-256 | `{spec.ScenarioHash}` |");
        Line(card, $"| {(phase.Defense.Origin?.ToString().ToLowerInvariant() ?? "plugin")}, SHA-256 | `{phase.Defense.ContentHash}` |");
        Line(card, $"| defend phase | `{phase.Id}` |");
        Line(card, $"| Titer | {Cell(spec.HostVersion)}, device {Cell(spec.Device)} |");
        if (phase.Defense.Settings.Count > 0)
            Line(card, $"| options | {Cell(string.Join(", ", phase.Defense.Settings.Select(o => $"{o.Key}={o.Value}")))} |");
    }

    private static string Of(string paper) => paper.Length > 0 ? $" ({Cell(paper)})" : "";

    private static string Ends(string titer, string ends, IntervalKind kind) => ends.Length == 0 ? titer
        : kind == IntervalKind.Confidence95 ? $"{titer} [{ends}]" : $"{titer} ({ends})";

    /// <summary>Foreign text neither ends a cell nor a line, and is no markup.</summary>
    private static string Cell(string text) => VisibleText.OnOneLine(text).Replace("|", "\\|", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal).Replace("`", "'", StringComparison.Ordinal);

    private static void Line(StringBuilder card, FormattableString text) => card.Append(FormattableString.Invariant(text)).Append('\n');

    private static void Line(StringBuilder card, string text) => card.Append(text).Append('\n');
}
