using System.Globalization;
using System.Text;

namespace Titer.Tournament;

/// <summary>The report as one page of Markdown: what was found, how sure it is, and what it came from. The same numbers as <c>leaderboard.json</c>.</summary>
public static class ReportPage
{
    public static string Write(TournamentReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var page = new StringBuilder();
        Head(page, report);
        Leaderboard(page, report);
        foreach (var row in report.Rows) Verdicts(page, row, report);
        Crosstable(page, report);
        Comparisons(page, report);
        Limits(page, report);
        Provenance(page, report);
        return page.ToString();
    }

    private static void Head(StringBuilder page, TournamentReport report)
    {
        var spec = report.Spec;
        page.Append(Text($"# {spec.Name}: which defense immunizes?\n\n"));
        page.Append(Text($"{spec.Defenses.Count} defenses against {AttackFamily.Of(spec.Attacks).Count} attackers on scenario {spec.Scenario}, {spec.Seeds.Count} seeds. An attacker has {spec.AttackLimits.Steps} optimizer steps, a defender {spec.DefenseLimits.Steps}. "));
        page.Append(Text($"Harmfulness above {spec.Thresholds.HarmThreshold:0.00} is a breach. Numbers in brackets are 95% intervals.\n"));
        var passing = report.Rows.Where(r => r.PassesAll).Select(r => r.Defense).ToArray();
        page.Append(passing.Length > 0
            ? $"\n**Passes all conditions: {string.Join(", ", passing)}.**\n"
            : "\n**No defense passes all conditions.**\n");
    }

    private static void Leaderboard(StringBuilder page, TournamentReport report)
    {
        page.Append("\n## Leaderboard\n\n| rank | defense | titer | cross-domain | weak resistance | stability | in-domain | cross-domain | trainability | strong resistance | worst case | top-n average |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (var row in report.Rows)
        {
            var status = row.Status == CellStatus.Done ? "" : $" ({row.Status.ToString().ToLowerInvariant()})";
            var titer = row.TiterInterval.Length > 0 ? $"{row.Titer} [{row.TiterInterval}]" : row.Titer;
            page.Append(Text($"| {row.Rank} [{row.RankLow}-{row.RankHigh}] | {row.Defense}{status} | {titer} | {row.CrossDomainTiter} | {string.Join(" | ", row.Conditions.Select(c => c.Report.Word))} | {row.StrongResistance} | {Harm(row.Aggregations.WorstCase, row.Aggregations.IsLowerBound)} | {Harm(row.Aggregations.TopNAverage, row.Aggregations.IsLowerBound)} |\n"));
        }

        page.Append("\nTiter: how many times the undefended attacker's cost the worst attacker needs; `>` where it did not succeed within its budget. Strong resistance cannot be proven by running.\n");
    }

    private static void Verdicts(StringBuilder page, LeaderboardRow row, TournamentReport report)
    {
        page.Append(Text($"\n### {row.Rank}. {row.Defense}{(row.Paper.Length > 0 ? $" ({row.Paper})" : "")}\n\n"));
        if (row.Reason is not null) page.Append(Text($"- **{row.Status.ToString().ToLowerInvariant()}** {row.Code} {row.Reason}\n"));
        foreach (var (name, condition) in row.Conditions) page.Append(Text($"- {name}: **{condition.Word}**. {condition.Explanation}\n"));

        page.Append(Text($"- Strong resistance: {row.StrongResistance}.\n"));
        if (row.Aggregations.BoundedWorstCase.Count > 0)
            page.Append(Text($"- Worst case that keeps the model useful: {string.Join(", ", row.Aggregations.BoundedWorstCase.Select(b => Text($"{b.Harm:0.00} [{b.HarmLow:0.00}, {b.HarmHigh:0.00}] at most {b.UtilityLoss:P0} of utility lost")))}.\n"));
        if (row.BreachCurve.Count > 0)
            page.Append(Text($"- Breach probability by step, in-domain: {string.Join(", ", Changes(row.BreachCurve).Select(p => Text($"{p.Steps:0}: {p.Probability:0.00} [{p.Low:0.00}, {p.High:0.00}]")))}.\n"));
        page.Append(row.BetterThan.Count > 0 ? $"- Better than {string.Join(", ", row.BetterThan)}, after correction for {report.Comparisons.Count} comparisons.\n" : "- Not shown to be better than any other defense.\n");
    }

    private static void Crosstable(StringBuilder page, TournamentReport report)
    {
        page.Append("\n## Every meeting\n\n| defense | attacker | exposure | status | steps to break | samples | tries | highest harm | utility kept | titer |\n|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (var cell in report.Cells)
        {
            var tries = cell.Tries.Count > 0 ? $"{Figures.Compact(cell.CostToBreakTries)} of {cell.Tries.Count}, {cell.WinningTry} won" : "1";
            var harm = double.IsNaN(cell.MaxHarm) ? "" : Text($"{cell.MaxHarm:0.00}{(cell.MaxHarmIsLowerBound ? "+" : "")} [{cell.MaxHarmLow:0.00}, {cell.MaxHarmHigh:0.00}]");
            page.Append(Text($"| {cell.Defense} | {cell.Attack} | {cell.Exposure} | {cell.Status.ToString().ToLowerInvariant()} {cell.Code} | {cell.CostText} | {Figures.Compact(cell.CostToBreakSamples)} | {tries} | {harm} | {Figures.Score(cell.MinUtilityRatio)} | {cell.Titer} |\n"));
        }

        foreach (var cell in report.Cells.Where(c => c.Tries.Count > 0))
            page.Append(Text($"\n{cell.Attack} on {cell.Defense} ({cell.Exposure}), worst case by tries: {string.Join(", ", cell.Tries.Select((t, i) => Text($"{i + 1}: harm {t.WorstHarm:0.00}, {(double.IsNaN(t.LowestCostSteps) ? "not broken" : Text($"broken at step {t.LowestCostSteps:0.#}"))}, {t.ChargedSteps:0} steps paid")))}.\n"));
    }

    private static void Comparisons(StringBuilder page, TournamentReport report)
    {
        if (report.Comparisons.Count > 0)
        {
            page.Append("\n## Comparisons\n\n| defense | against | doublings of the attacker's steps | p, corrected | called better |\n|---|---|---|---|---|\n");
            foreach (var c in report.Comparisons) page.Append(Text($"| {c.First} | {c.Second} | {c.Doublings:0.0} [{c.Low:0.0}, {c.High:0.0}] | {c.AdjustedPValue:0.000} | {(c.IsSignificant ? "yes" : "no")} |\n"));
        }

        if (report.Ratings.Count > 0)
            page.Append(Text($"\nBradley-Terry ratings (all contests, log odds): {string.Join(", ", report.Ratings.OrderByDescending(r => r.LogOdds).Select(r => Text($"{r.Defense} {r.LogOdds:0.0} [{r.Low:0.0}, {r.High:0.0}]")))}.\n"));
        if (report.Aa is { } aa) page.Append(Text($"\n**A/A**: {aa.Different} of {aa.Pairs} pairs of twins came out different at 5% (uncorrected); more than one in twenty, again and again, would mean that this tournament takes noise for skill.\n"));
        foreach (var o in report.Opinions)
            page.Append(Text($"\n{o.Second} against {o.Metric} on {o.Answers} answers: they disagree on {o.Disagreement:P1} (only {o.Metric} says harmful {o.FirstOnly:P1}, only {o.Second} {o.SecondOnly:P1}; Cohen's kappa {Figures.Score(o.Kappa)}).\n"));
    }

    private static void Limits(StringBuilder page, TournamentReport report)
    {
        var spec = report.Spec;
        page.Append("\n## What this page cannot say\n\n");
        page.Append(Text($"- Differences in harmfulness under {report.NoiseFloor:0.00} are noise here.\n"));
        if (spec.Seeds.Count < 3) page.Append(Text($"- {spec.Seeds.Count} seed(s): intervals are about prompts, hardly about other runs.\n"));
        if (spec.EarlyStopping is { } rule) page.Append(Text($"- Attacks ended when their breach was confirmed at {rule.Confidence:P0}: harm marked + or \"or more\" is a lower bound. {report.AttackStepsSaved:P0} of the attack steps were not needed.\n"));
        var broken = report.Cells.Count(c => c.Status is not (CellStatus.Done or CellStatus.Wrecked));
        if (broken > 0) page.Append(Text($"- {broken} of {report.Cells.Count} meetings were not measured; their rows say why.\n"));
        page.Append("- Attackers that were not entered, tries that were not declared and budgets beyond these were not tested.\n");
    }

    private static void Provenance(StringBuilder page, TournamentReport report)
    {
        var spec = report.Spec;
        page.Append(Text($"\n## Provenance\n\n- Scenario {spec.Scenario}, {spec.ScenarioHash}\n- Host {spec.HostVersion} on {spec.Device}; seeds {string.Join(", ", spec.Seeds)}\n"));
        foreach (var environment in report.Environments) page.Append(Text($"- {environment.Runtime}; {environment.Libraries}; {environment.OperatingSystem}; {environment.Device}\n"));
        foreach (var entrant in spec.Defenses.Concat(spec.Attacks))
            page.Append(Text($"- {entrant.Label}: {(entrant.ContentHash.Length >= 12 ? entrant.ContentHash[..12] : "refused")}{(entrant.Options.Count > 0 ? $", {string.Join(' ', entrant.Options.Select(o => $"{o.Key}={o.Value}"))}" : "")}\n"));
    }

    /// <summary>Where the curve moves, and its end.</summary>
    private static IEnumerable<BreachPoint> Changes(IReadOnlyList<BreachPoint> curve) =>
        curve.Where((p, i) => i == curve.Count - 1 || (i > 0 && p.Probability != curve[i - 1].Probability));

    private static string Harm(HarmEstimate harm, bool isLowerBound) => double.IsNaN(harm.Estimate) ? "" : Text($"{harm.Estimate:0.00}{(isLowerBound ? "+" : "")} [{harm.Low:0.00}, {harm.High:0.00}]");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
