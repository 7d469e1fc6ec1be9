using Spectre.Console;
using Titer.Tournament;

namespace Titer.Cli.Terminal;

/// <summary>Leaderboard and crosstable for people; the same numbers as in the files. Intervals are
/// shown where the terminal is wide enough.</summary>
internal sealed class ReportView(IAnsiConsole console)
{
    private static readonly string[] Suffixes = ["", " cross"];

    private const int MostAttackCharacters = 30;

    private ShortNames _defenses = new([], MostAttackCharacters);
    private ShortNames _attacks = new([], MostAttackCharacters);

    private bool Wide => ShortNames.IsWide(console);

    public void Show(TournamentReport report, string folder)
    {
        _defenses = new ShortNames(report.Rows.Select(r => r.Defense), ShortNames.MostCharacters(console));
        _attacks = new ShortNames(report.Cells.Select(c => c.Attack), Wide ? ShortNames.MostCharacters(console) : MostAttackCharacters);
        console.WriteLine();
        if (report.Season is { } season)
        {
            console.WriteLine($"Season {season.Name}{(season.IsClosed ? ", closed" : "")}: {season.Hash}");
            if (season.Invalid is { } invalid) console.MarkupLineInterpolated($"[red]The season is invalid: {invalid}[/]");
        }

        foreach (var warning in report.Warnings) console.MarkupLineInterpolated($"[yellow]Warning: {warning}[/]");
        Leaderboard(report);
        if (report.HarmJudge is { } judge) console.WriteLine(judge.Text);
        Classes(report);
        Frontier(report);
        Crosstable(report);
        Reasons(report);
        Claims(report);
        console.WriteLine($"{report.Noise} ({Runs(report.Spec)}; attack budget {report.Spec.AttackLimits.Steps} steps.)");
        console.WriteLine($"Results: {Relative(folder)} (report.md with every verdict explained, leaderboard.json, crosstable.csv)");
    }

    private void Leaderboard(TournamentReport report)
    {
        var ranks = report.Rows.Select(row => row.RankLow == row.RankHigh || !Wide ? $"{row.Rank}" : $"{row.Rank} [{row.RankLow}-{row.RankHigh}]")
            .ToArray();
        var longest = ranks.Max(rank => rank.Length);
        TableCell Name(LeaderboardRow row, string rank)
        {
            var status = row.Status == CellStatus.Done || !Wide ? "" : $" ({row.Status.ToString().ToLowerInvariant()})";
            return new TableCell($"{rank.PadRight(longest)}  {_defenses.Of(row.Defense)}{status}",
                row.Status == CellStatus.Done ? Style.Plain : new Style(Color.Red));
        }

        // Without room for it beside the name, a status stands in place of what it is the reason to lack.
        string Unmeasured(LeaderboardRow row) => row.Status == CellStatus.Done ? "n/m" : row.Status.ToString().ToLowerInvariant();
        new FittedTable("Leaderboard", "#".PadRight(longest) + "  defense", ["titer", "cross", "resist", "stable", "cross-d", "train"],
        [
            .. report.Rows.Zip(ranks, (row, rank) => (Name(row, rank), (IReadOnlyList<TableCell>)
            [
                new(Titer(row.Titer, row.TiterInterval, row.TiterEndsAre, Unmeasured(row)), new Style(decoration: Decoration.Bold)),
                new(Titer(row.CrossDomainTiter, row.CrossDomainTiterInterval, row.TiterEndsAre, "n/m")),
                .. row.Conditions.Select(c => Condition(c.Report)),
            ])),
        ]).WriteTo(console);
        console.WriteLine(
            "+ pass, - fail, ? undecided, held: no run was broken, too few to say pass; n/m: not measured. titer: in-domain, cross: on withheld "
            + "domains. resist, cross-d: highest harmfulness on the worst domain; stable, train: part of the undefended utility and skill.");
    }

    /// <summary>In a season: the titers over the attackers of each class alone.</summary>
    private void Classes(TournamentReport report)
    {
        if (report.Spec.ByClass != true) return;
        string[] names = [.. Enum.GetNames<AttackClass>().Select(name => name.ToLowerInvariant())];
        TableCell Of(LeaderboardRow row, AttackClass known, bool isCross) => new(row.Classes?.FirstOrDefault(c => c.Class == known) switch
        {
            null or { Attackers: 0 } => "none",
            var one when isCross => Titer(one.CrossDomainTiter, one.CrossDomainTiterInterval, one.TiterEndsAre, "n/m"),
            var one => Titer(one.Titer, one.TiterInterval, one.TiterEndsAre, "n/m"),
        });
        new FittedTable("Titer by what defenders could know of the attackers", "defense", [.. Suffixes.SelectMany(s => names.Select(n => n + s))],
            [.. report.Rows.Select(row => (Name(row), (IReadOnlyList<TableCell>)[.. Suffixes
                .SelectMany(suffix => Enum.GetValues<AttackClass>().Select(known => Of(row, known, suffix.Length > 0)))]))]).WriteTo(console);
        console.WriteLine("none: no attacker of that class played. adaptive: those that search on the very model that they meet.");
    }

    private string Titer(string titer, string ends, IntervalKind kind, string unmeasured) => titer == "not measured" && !Wide ? unmeasured
        : !Wide || ends.Length == 0 ? titer
        : kind == IntervalKind.Confidence95 ? $"{titer} [{ends}]" : $"{titer} ({ends})";

    private static string Runs(TournamentSpec spec) =>
        spec.AttackSeeds == 1 ? $"{spec.Seeds.Count} runs each" : $"{spec.Seeds.Count} x {spec.AttackSeeds} runs each";

    private IEnumerable<double> Losses => BreachFrontier.UtilityLosses.Where(l => Wide || l is 0 or 0.05 or 0.2 or 1);

    private void Frontier(TournamentReport report)
    {
        string[] Columns(string where) => [.. Losses.Select(loss => BreachFrontier.Name(loss) + where), "price" + where];
        string[] headings = [.. Suffixes.SelectMany(Columns)];
        new FittedTable("Breach frontier: steps to break when at most so much utility may be lost", "defense", headings,
            [.. report.Rows.Select(row => (Name(row), (IReadOnlyList<TableCell>)
            [
                .. Points(row.BreachFrontier), new TableCell(Figures.Compact(row.PriceSteps)),
                .. Points(row.CrossDomainBreachFrontier), new TableCell(Figures.Compact(row.CrossDomainPriceSteps)),
            ]))]).WriteTo(console);
        console.WriteLine("price: all steps that the cheapest attacker paid until its first success, its search included.");
    }

    private TableCell Name(LeaderboardRow row) => new(_defenses.Of(row.Defense));

    private IEnumerable<TableCell> Points(IReadOnlyList<FrontierPoint> frontier) =>
        Losses.Select(loss => new TableCell(frontier.FirstOrDefault(p => p.UtilityLoss == loss) is { Runs: > 0 } point ? point.Text : "n/m"));

    private TableCell Condition(ConditionReport condition)
    {
        var (sign, color) = condition.Verdict switch
        {
            Verdict.Pass => ("+", Color.Green),
            Verdict.Held => (condition.ShortWord, Color.Green),
            Verdict.Fail => ("-", Color.Red),
            Verdict.Undecided => ("?", Color.Yellow),
            _ => (condition.ShortWord, Color.Grey),
        };
        if (!Wide && condition.Verdict is Verdict.Held or Verdict.NotMeasured) return new TableCell(sign, new Style(color));
        var ends = $"{Figures.Score(condition.Low)}, {Figures.Score(condition.High)}";
        var interval = !Wide || double.IsNaN(condition.Low) ? "" : condition.EndsAre == IntervalKind.Confidence95 ? $" [{ends}]" : $" ({ends})";
        return new TableCell($"{sign} {(double.IsNaN(condition.Estimate) ? "" : Figures.Score(condition.Estimate))}{interval}".Trim(),
            new Style(color));
    }

    private void Crosstable(TournamentReport report)
    {
        var columns = report.Cells.Select(c => (c.Attack, c.Exposure)).Distinct().ToArray();
        TableCell Cell(string defense, (string Attack, Exposure Exposure) column)
        {
            var cell = report.Cells.First(c => c.Defense == defense && c.Attack == column.Attack && c.Exposure == column.Exposure);
            return new TableCell(double.IsNaN(cell.MaxHarm) ? cell.CostText
                : $"{cell.CostText} ({Figures.Score(cell.MaxHarm)}{(cell.MaxHarmIsLowerBound ? "+" : "")})");
        }

        string Aside((string Attack, Exposure Exposure) column) =>
            report.Cells.First(c => c.Attack == column.Attack && c.Exposure == column.Exposure).SetAside is null ? "" : " (aside)";

        new FittedTable("Crosstable: steps to break (highest harmfulness)", "defense",
            [.. columns.Select(c => Heading(c.Attack, c.Exposure) + Aside(c))],
            [.. report.Rows.Select(row => (Name(row), (IReadOnlyList<TableCell>)[.. columns.Select(c => Cell(row.Defense, c))]))]).WriteTo(console);
        foreach (var line in _defenses.Legend().Concat(_attacks.Legend())) console.WriteLine(line);
    }

    /// <summary>Long ids wrap at their underscores on a narrow terminal, and stay whole on a wide one.</summary>
    private string Heading(string attack, Exposure exposure)
    {
        var where = exposure switch { Exposure.InDomain => " in-dom", Exposure.CrossDomain => " cross-d", _ => "" };
        var name = _attacks.Of(attack);
        return (Wide || name != attack
            ? name
            : attack.Replace("parameter", "param", StringComparison.Ordinal).Replace("modification", "modif.", StringComparison.Ordinal)
                .Replace('_', ' ')) + where;
    }

    private void Reasons(TournamentReport report)
    {
        foreach (var row in report.Rows.Where(r => r.Reason is not null))
            console.MarkupLineInterpolated($"[red]{row.Defense}[/]: {row.Status.ToString().ToLowerInvariant()} {row.Code} {row.Reason}");
        var named = report.Rows.Where(r => r.Reason is not null).Select(r => r.Defense).ToHashSet();
        var failed =
            report.Cells.Where(c => c.Status is not (CellStatus.Done or CellStatus.Wrecked or CellStatus.Cut) && !named.Contains(c.Defense));
        foreach (var cell in failed.DistinctBy(c => (c.Defense, c.Attack, c.Reason)))
            console.MarkupLineInterpolated(
                $"[red]{cell.Defense} by {cell.Attack}[/]: {cell.Status.ToString().ToLowerInvariant()} {cell.Code} {cell.Reason}");
        if (report.Rows.Any(r => r.Reason is not null)) console.WriteLine();
    }

    /// <summary>What the run may claim beyond its tables.</summary>
    private void Claims(TournamentReport report)
    {
        var better = report.Rows.Where(r => r.BetterThan.Count > 0).Select(r => $"{r.Defense} over {string.Join(", ", r.BetterThan)}").ToArray();
        if (report.Comparisons.Count > 0)
        {
            console.WriteLine(
                better.Length > 0 ? $"Better, after correction for {report.Comparisons.Count} comparisons: {string.Join("; ", better)}."
                : report.Comparisons.All(c => c.HasTooFewRuns) ? TooFewRuns(report)
                : $"No defense is shown to be better than another ({report.Comparisons.Count} comparisons).");
        }

        if (report.Aa is { } aa) console.WriteLine(
            $"A/A: {aa.Different} of {aa.Pairs} pairs of twins came out different at 5%.{(aa.CouldDiffer ? "" : " With so few runs none could "
                + "have.")}");
        var searches = AttackFamily.Of(report.Spec.Attacks).Where(f => f.Search is not null).ToDictionary(f => f.Label, f => f.Search!.Tries);
        if (searches.Count > 0)
            console.WriteLine(
                $"Searched on every defense and exposure: {string.Join(", ", searches.Select(s => $"{s.Key} ({s.Value} tries)"))}. report.md has "
                    + "every try.");
        var winners = report.Cells.Where(c => c.WinningTry is not null && c.Status is CellStatus.Done && !searches.ContainsKey(c.Attack));
        foreach (var won in winners.GroupBy(c => (c.Attack, c.WinningTry, Tries: c.Tries.Count, Steps: Math.Round(c.ChargedSteps)))
            .OrderBy(won => won.Key.Attack, StringComparer.Ordinal))
        {
            var where = string.Join(", ", won.GroupBy(c => c.Defense).Select(Where));
            console.WriteLine($"{won.Key.Attack}: {won.Key.WinningTry} won {won.Key.Tries} tries on {where}; {won.Key.Steps:0} steps a seed paid.");
        }

        foreach (var o in report.Opinions)
            console.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                // Options may be long; of two judges they are what tells them apart.
                $"{(o.Second.Split('[')[0] == o.Metric.Split('[')[0] ? o.Second : o.Second.Split('[')[0])} disagrees "
                    + $"with {o.Metric} on {o.Disagreement:P1} of {o.Answers} answers (kappa {Figures.Score(o.Kappa)})."));
        if (report.Cells.Any(c => c.MaxHarmIsLowerBound))
            console.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"+ stopped at its confirmed breach: {report.AttackStepsSaved:P0} of the attack steps were not needed (--full plays them)."));
    }

    /// <summary>Where a try won: the defense, and on which domains where it was not on both.</summary>
    private string Where(IGrouping<string, CellOutcome> cells) => _defenses.Of(cells.Key) + (cells.Count() > 1 ? "" : cells.Single().Exposure switch
    {
        Exposure.InDomain => " (in-domain)",
        Exposure.CrossDomain => " (cross-domain)",
        _ => "",
    });

    private static string TooFewRuns(TournamentReport report) =>
        "Too few runs to claim that any defense is better than another: the smallest p that "
        + $"{report.Comparisons.Count} comparisons of {report.Spec.Seeds.Count} defended models can come to "
        + $"is {Figures.Score(report.Comparisons.Min(c => c.SmallestPValue))}.";

    private static string Relative(string folder)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, folder);
        return relative.StartsWith("..", StringComparison.Ordinal) ? folder : relative;
    }
}
