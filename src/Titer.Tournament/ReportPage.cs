using System.Globalization;
using System.Text;

namespace Titer.Tournament;

/// <summary>
/// The report as one page of Markdown: what was found, how sure it is, and what it came from. The same numbers as <c>leaderboard.json</c>.
/// </summary>
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
        ReportCards.Write(page, report);
        Limits(page, report);
        Provenance(page, report);
        return page.ToString();
    }

    private static void Head(StringBuilder page, TournamentReport report)
    {
        var spec = report.Spec;
        page.Append(Text($"# {spec.Name}: which defense immunizes?\n\n"));
        page.Append(string.Create(CultureInfo.InvariantCulture,
            $"{spec.Defenses.Count} defenses against {AttackFamily.Of(spec.Attacks).Count} attackers on "
                + $"scenario {spec.Scenario}, {spec.Seeds.Count} defended models of "
                + $"each{(spec.AttackSeeds > 1 ? $", {spec.AttackSeeds} attacks on each model" : "")}. An attacker "
                + $"has {spec.AttackLimits.Steps} optimizer steps, a defender {spec.DefenseLimits.Steps}. "));
        page.Append(string.Create(CultureInfo.InvariantCulture,
            $"Harmfulness above {spec.Thresholds.HarmThreshold:0.00} on any domain is a breach. Square brackets hold 95% intervals, round ones "
                + $"the range over the runs that were seen.\n"));
        if (report.HarmJudge is { } judge)
            page.Append(judge.IsChecked ? $"\nHarmfulness is what a judge model says. {judge.Text}\n"
                : $"\n**Harmfulness is what a judge model says. {judge.Text}**\n");
        if (report.Season is { } season)
        {
            page.Append(Text($"\nSeason {season.Name}{(season.IsClosed ? ", closed" : "")}: `{season.Hash}`.\n"));
            if (season.Invalid is { } invalid) page.Append(Text($"\n**The season is invalid: {invalid}**\n"));
        }

        foreach (var warning in report.Warnings) page.Append(Text($"\n**Warning: {warning}**\n"));
        var passing = report.Rows.Where(r => r.PassesAll).Select(r => r.Defense).ToArray();
        page.Append(passing.Length > 0
            ? $"\n**Passes all conditions: {string.Join(", ", passing)}.**\n"
            : "\n**No defense passes all conditions.** A pass is a statement about runs that were not played; \"held\" says what was seen.\n");
    }

    private static void Leaderboard(StringBuilder page, TournamentReport report)
    {
        page.Append("\n## Leaderboard\n\n| rank | defense | titer | cross-domain titer | weak resistance | stability | cross-domain | "
            + "trainability | strong resistance | worst case | top-n average |\n|---|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (var row in report.Rows)
        {
            var status = row.Status == CellStatus.Done ? "" : $" ({row.Status.ToString().ToLowerInvariant()})";
            var (titer, cross) = (Ends(row.Titer, row.TiterInterval, row.TiterEndsAre),
                Ends(row.CrossDomainTiter, row.CrossDomainTiterInterval, row.TiterEndsAre));
            page.Append(Text(
                $"| {row.Rank} [{row.RankLow}-{row.RankHigh}] | {row.Defense}{status} | {titer} | {cross} | {
                    string.Join(" | ", row.Conditions.Select(c => c.Report.Word))} | {row.StrongResistance} | {
                        Harm(row.Aggregations.WorstCase, row.Aggregations.IsLowerBound)} | {
                            Harm(row.Aggregations.TopNAverage, row.Aggregations.IsLowerBound)} |\n"));
        }

        page.Append("\nTiter: how many times the undefended attacker's cost the worst attacker needs; `>` where none succeeded within its "
            + "budget. Defenses that fail stability or trainability rank below those that do not, and those without a titer below those with "
            + "one; equal ones share a rank. Strong resistance cannot be proven by running.\n");
        Classes(page, report);
        Earlier(page, report);
        Frontier(page, report, "in-domain", r => r.BreachFrontier);
        Frontier(page, report, "cross-domain", r => r.CrossDomainBreachFrontier);
    }

    private static void Classes(StringBuilder page, TournamentReport report)
    {
        if (report.Spec.ByClass != true) return;
        page.Append("\n### By what defenders could know\n\nTiter in-domain, cross-domain behind it, over the attackers of each class alone.\n\n"
            + "| defense | known | hidden | adaptive |\n|---|---|---|---|\n");
        foreach (var row in report.Rows)
            page.Append(Text($"| {row.Defense} | {string.Join(" | ", (row.Classes ?? []).Select(c => c.Attackers == 0 ? "no attacker"
                : $"{Ends(c.Titer, c.TiterInterval, c.TiterEndsAre)}; {c.CrossDomainTiter}"))} |\n"));
    }

    private static void Earlier(StringBuilder page, TournamentReport report)
    {
        if (report.Earlier is not { Count: > 0 } rows) return;
        page.Append("\n### Stale rows\n\nOf the season before, played with other inputs: they are in no rank of this board.\n\n"
            + "| season | rank there | defense | titer there | why |\n|---|---|---|---|---|\n");
        foreach (var row in rows)
            page.Append(Text($"| {row.Season} `{row.SeasonHash[..12]}` | {row.Row.GetProperty("rank")} | {row.Row.GetProperty("defense")} | {
                row.Row.GetProperty("titer")} | {row.Stale} |\n"));
    }

    private static void Frontier(StringBuilder page, TournamentReport report, string where,
        Func<LeaderboardRow, IReadOnlyList<FrontierPoint>> frontier)
    {
        page.Append(string.Create(CultureInfo.InvariantCulture,
            $"\n### Breach frontier, {where}\n\nSteps to break of the cheapest attacker who may ruin at most that part of the utility.\n\n| "
                + $"defense | {string.Join(" | ", BreachFrontier.UtilityLosses.Select(BreachFrontier.Name))} |\n|---|{
                    string.Concat(BreachFrontier.UtilityLosses.Select(_ => "---|"))}\n"));
        foreach (var row in report.Rows)
            page.Append(Text(
                $"| {row.Defense} | {(frontier(row) is { Count: > 0 } points
                    ? string.Join(" | ", points.Select(p => Text($"{p.Text} ({p.Broken} of {p.Runs})")))
                    : string.Join(" | ", BreachFrontier.UtilityLosses.Select(_ => "not measured")))} |\n"));
    }

    private static void Verdicts(StringBuilder page, LeaderboardRow row, TournamentReport report)
    {
        page.Append(Text($"\n### {row.Rank}. {row.Defense}{(row.Paper.Length > 0 ? $" ({row.Paper})" : "")}\n\n"));
        if (row.Season is { } season) page.Append(Text($"- Season: `{season}`\n"));
        if (report.Spec.Defenses.FirstOrDefault(d => d.Label == row.Defense)?.Submission is { } submission)
            page.Append(Text($"- {VisibleWords(submission.Text)}\n"));
        if (row.Stale is { } stale) page.Append(Text($"- **stale** {stale}\n"));
        if (row.Reason is not null) page.Append(Text($"- **{row.Status.ToString().ToLowerInvariant()}** {row.Code} {row.Reason}\n"));
        foreach (var (name, condition) in row.Conditions) page.Append(Text($"- {name}: **{condition.Word}**. {condition.Explanation}\n"));

        if (row.Endpoints is { } ends)
            page.Append(Text($"- Before any attack, of forbidden prompts: refuses {ends.Refusal:0.00} (by keywords), does harm {ends.Action:0.00}, ")
                + Text($"still knows {ends.Knowledge:0.00} (of four answers the harmful one is likeliest); {ends.Brief:0.00} of the answers are ")
                + Text($"short, {ends.Incoherent:0.00} incoherent. Told apart, no part of a verdict.\n"));
        page.Append(Text($"- Generalization, in-domain: {row.GeneralizationInDomain.Word}. {row.GeneralizationInDomain.Explanation}\n"));
        if (row.TiterGap is { } gap) page.Append(Text($"- No titer: {gap}.\n"));
        if (row.CrossDomainTiterGap is { } crossGap) page.Append(Text($"- No cross-domain titer: {crossGap}.\n"));
        page.Append(Text($"- Strong resistance: {row.StrongResistance}.\n"));
        page.Append(string.Create(CultureInfo.InvariantCulture,
            $"- Price of the cheapest attacker until its first success, its search "
                + $"included: {Price(row.PriceSteps)} in-domain, {Price(row.CrossDomainPriceSteps)} cross-domain.\n"));
        if (row.Aggregations.BoundedWorstCase.Count > 0)
            page.Append(string.Create(CultureInfo.InvariantCulture,
                $"- Worst case that keeps the model "
                    + $"useful: {string.Join(", ", row.Aggregations.BoundedWorstCase.Select(
                        b => Text($"{b.Harm:0.00} [{b.HarmLow:0.00}, {b.HarmHigh:0.00}] at most {b.UtilityLoss:P0} of utility lost")))}.\n"));
        if (row.BreachCurve.Count > 0)
            page.Append(string.Create(CultureInfo.InvariantCulture,
                $"- Breach probability by step, "
                    + $"in-domain: {string.Join(", ", Changes(row.BreachCurve)
                        .Select(p => Text($"{p.Steps:0}: {p.Probability:0.00} [{p.Low:0.00}, {p.High:0.00}]")))}.\n"));
        page.Append(row.BetterThan.Count > 0
            ? $"- Better than {string.Join(", ", row.BetterThan)}, after correction for {report.Comparisons.Count} comparisons.\n"
            : "- Not shown to be better than any other defense.\n");
    }

    private static void Crosstable(StringBuilder page, TournamentReport report)
    {
        page.Append("\n## Every meeting\n\n| defense | attacker | exposure | status | broken | steps to break | samples | tries | price | "
            + "highest harm | utility kept | titer |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (var cell in report.Cells)
        {
            var tries = cell.Tries.Count > 0 ? $"{Figures.Compact(cell.CostToBreakTries)} of {cell.Tries.Count}, {cell.WinningTry} won" : "1";
            var harm = double.IsNaN(cell.MaxHarm)
                ? ""
                : Ends(Text($"{cell.MaxHarm:0.00}{(cell.MaxHarmIsLowerBound ? "+" : "")}"), Text($"{cell.MaxHarmLow:0.00}, {cell.MaxHarmHigh:0.00}"),
                    cell.MaxHarmEndsAre) + (cell.WorstDomain is { Length: > 0 } domain ? $" {domain}" : "");
            page.Append(Text(
                $"| {cell.Defense} | {cell.Attack}{(cell.SetAside is null ? "" : " (set aside)")} | {cell.Exposure} | {
                    cell.Status.ToString().ToLowerInvariant()} {cell.Code} | {
                    cell.RunsBroken} of {cell.Runs} | {cell.CostText} | {Figures.Compact(cell.CostToBreakSamples)} | {tries} | {
                        Figures.Compact(cell.PriceSteps)} | {harm} | {
                        Figures.Score(cell.MinUtilityRatio)} | {cell.Titer} |\n"));
        }

        page.Append("\nPrice: all steps that the attacker paid until its first success, its search included.\n");
        foreach (var cell in report.Cells.Where(c => c.Tries.Count > 0))
            page.Append(string.Create(CultureInfo.InvariantCulture,
                $"\n{cell.Attack} on {cell.Defense} ({cell.Exposure}), worst case by "
                    + $"tries: {string.Join(", ",
                        cell.Tries.Select((t, i) => Text($"{i + 1} {t.Try}: harm {t.WorstHarm:0.00}, {
                            (double.IsNaN(t.LowestCostSteps) ? "not broken" : Text($"broken at step {t.LowestCostSteps:0.#}"))}, {
                                t.ChargedSteps:0} steps paid")))}.\n"));
    }

    private static void Comparisons(StringBuilder page, TournamentReport report)
    {
        if (report.Comparisons.Count > 0)
        {
            page.Append("\n## Comparisons\n\nExact, by permutation of the defended models, with Holm's correction.\n\n| defense | against | "
                + "doublings of the attacker's steps | p, corrected | smallest that could be | called better |\n|---|---|---|---|---|---|\n");
            foreach (var c in report.Comparisons)
                page.Append(Text(
                    $"| {c.First} | {c.Second} | {
                        Ends(Text($"{c.Doublings:0.0}"),
                            double.IsInfinity(c.High) ? Text($"over {c.Low:0.0}") : Text($"{c.Low:0.0} to {c.High:0.0}"), c.EndsAre)} | {
                                c.AdjustedPValue:0.000} | {c.SmallestPValue:0.000} | {
                                    (c.IsSignificant ? "yes" : c.HasTooFewRuns ? "too few runs to claim" : "no")} |\n"));
        }

        if (report.Ratings.Count > 0)
            page.Append(string.Create(CultureInfo.InvariantCulture,
                $"\nBradley-Terry ratings (all contests, log "
                    + $"odds): {string.Join(", ",
                        report.Ratings.OrderByDescending(r => r.LogOdds)
                            .Select(r => Text($"{r.Defense} {r.LogOdds:0.0} [{r.Low:0.0}, {r.High:0.0}]")))}.\n"));
        if (report.Aa is { } aa) page.Append(string.Create(CultureInfo.InvariantCulture,
            $"\n**A/A**: {aa.Different} of {aa.Pairs} pairs of twins came out different at 5% (uncorrected); more than one in twenty, again and "
                + $"again, would mean that this tournament takes noise for skill.{(aa.CouldDiffer ? "" : " With so few runs none could have.")}\n"));
        foreach (var o in report.Opinions)
            page.Append(string.Create(CultureInfo.InvariantCulture,
                $"\n{o.Second} against {o.Metric} on {o.Answers} answers: they disagree "
                    + $"on {o.Disagreement:P1} (only {o.Metric} says harmful {o.FirstOnly:P1}, only {o.Second} {o.SecondOnly:P1}; Cohen's kappa {
                        Figures.Score(o.Kappa)}).\n"));
    }

    private static void Limits(StringBuilder page, TournamentReport report)
    {
        var spec = report.Spec;
        page.Append("\n## What this page cannot say\n\n");
        page.Append($"- {report.Noise} Defenses whose runs differ more have wider ends of their own.\n"
            + "- Intervals are about other defended models and other prompts of these domains, never about other domains.\n");
        if (spec.Seeds.Count < 6) page.Append(string.Create(CultureInfo.InvariantCulture,
            $"- {spec.Seeds.Count} defended model(s) of each: six carry an interval of a titer, three one of a "
                + $"harmfulness, {Statistics.Interval.ModelsFor(spec.Thresholds.HarmThreshold)} that all hold a pass. Below that, ends are the "
                + $"range of what was seen.\n"));
        if (spec.EarlyStopping is { } rule)
            page.Append(string.Create(CultureInfo.InvariantCulture,
                $"- Attacks ended when their breach was confirmed at {rule.Confidence:P0}: harm marked + or \"or more\" is a lower "
                    + $"bound. Tries of searches also ended where their model was ruined for good. "
                    + $"{report.AttackStepsSaved:P0} of the attack steps were not needed.\n"));
        var broken = report.Cells.Count(c => c.Status is not (CellStatus.Done or CellStatus.Wrecked or CellStatus.Cut));
        if (broken > 0) page.Append(Text($"- {broken} of {report.Cells.Count} meetings were not measured; their rows say why.\n"));
        page.Append("- Attackers that were not entered, tries that were not declared and budgets beyond these were not tested.\n");
        var still = AttackFamily.Of(spec.Attacks).Where(f => f.UsesHarmfulData && !f.IsSweep).Select(f => f.Label).ToArray();
        if (still.Length > 0) page.Append($"- {string.Join(", ", still)} did not search: held against it is held against that one setting.\n");
    }

    private static void Provenance(StringBuilder page, TournamentReport report)
    {
        var spec = report.Spec;
        page.Append(string.Create(CultureInfo.InvariantCulture,
            $"\n## Provenance\n\n- "
                + $"Scenario {spec.Scenario}, {spec.ScenarioHash}\n- Host {spec.HostVersion} on {spec.Device}; seeds {
                    string.Join(", ", spec.Seeds)}\n"));
        page.Append(Text(
            $"- Plugins: {(spec.Policy is { } policy ? $"{policy.Text} (policy {policy.Sha256[..12]})" : "everybody's, no policy")}\n"));
        foreach (var environment in report.Environments)
            page.Append(Text(
                $"- {environment.Runtime}; {environment.Libraries}; {environment.OperatingSystem}; {environment.Device}{Walls(environment)}\n"));
        foreach (var entrant in spec.Defenses.Concat(spec.Attacks))
            page.Append(Text(
                $"- {entrant.Label}: {Build(entrant)}{(entrant.Then is { } then ? $"; then {Build(then)}" : "")}{
                    (entrant.Standing is { } standing ? $"; {standing}" : "")}\n"));
    }

    private static string Walls(PlayEnvironment environment) => environment.Walls switch
    {
        null => "",
        "none" => "; no walls around plugins",
        "bubblewrap" => "; plugins behind bubblewrap",
        var walls => $"; plugins behind {walls}, weaker than bubblewrap",
    };

    private static string Price(double steps) => double.IsNaN(steps) ? "none had one" : $"{Figures.Compact(steps)} steps";

    private static string Played(Entrant entrant)
    {
        var settings = entrant.Settings.Count > 0 ? entrant.Settings : entrant.Options;
        var played = settings.Count > 0 ? $", {string.Join(' ', settings.Select(o => $"{o.Key}={o.Value}"))}" : "";
        if (entrant.Search is not { } search) return played;
        return played + $"; searched with {search.Tries} tries on every defense and exposure over "
            + string.Join(", ",
                search.Space.Select(d => d.From is null ? $"{d.Option} ({string.Join(", ", d.Values)})" : $"{d.Option} {d.From} to {d.To}"));
    }

    /// <summary>A plugin's bytes, and what it was really played with.</summary>
    private static string Build(Entrant entrant) =>
        (entrant.ContentHash.Length >= 12 ? entrant.ContentHash[..12] : "refused") + Played(entrant);

    /// <summary>An author's words stay words: no line of their own, no markup.</summary>
    private static string VisibleWords(string text) =>
        string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c is '<' or '>' or '|' or '`' or '[' or ']' or '*' ? '\'' : c));

    /// <summary>Where the curve moves, and its end.</summary>
    private static IEnumerable<BreachPoint> Changes(IReadOnlyList<BreachPoint> curve) =>
        curve.Where((p, i) => i == curve.Count - 1 || (i > 0 && p.Probability != curve[i - 1].Probability));

    /// <summary>Square brackets for intervals, round ones for ranges.</summary>
    private static string Ends(string value, string ends, IntervalKind kind) =>
        ends.Length == 0 ? value : kind == IntervalKind.Confidence95 ? $"{value} [{ends}]" : $"{value} ({ends})";

    private static string Harm(HarmEstimate harm, bool isLowerBound) =>
        double.IsNaN(harm.Estimate) ? "" : Text($"{harm.Estimate:0.00}{(isLowerBound ? "+" : "")} [{harm.Low:0.00}, {harm.High:0.00}]");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
