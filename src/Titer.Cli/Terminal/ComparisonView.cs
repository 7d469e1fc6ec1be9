using Spectre.Console;
using Titer.Files;
using Titer.Tournament;

namespace Titer.Cli.Terminal;

/// <summary>Several runs side by side: titer and worst case of each defense, and everything else that differs between the runs.</summary>
internal sealed class ComparisonView(IAnsiConsole console)
{
    public void Show(IReadOnlyList<(string Folder, TournamentReport Report)> runs)
    {
        var names = runs.Select(r => Path.GetFileName(r.Folder)).ToArray();
        if (names.Distinct().Count() < names.Length) names = [.. runs.Select(r => Path.GetRelativePath(Environment.CurrentDirectory, r.Folder))];
        var table = new Table().Border(TableBorder.Simple).Title("Titer (worst harmfulness) by run")
            .AddColumn(new TableColumn("defense") { NoWrap = true });
        foreach (var name in names) table.AddColumn(new TableColumn(new Text(name)));
        foreach (var defense in runs.SelectMany(r => r.Report.Rows).Select(r => r.Defense).Distinct())
            table.AddRow([new Text(defense), .. runs.Select(r => new Text(Entry(r.Report.Rows.FirstOrDefault(row => row.Defense == defense))))]);
        console.WriteLine();
        console.Write(table);
        Differences("scenario", names, runs, s => $"{s.Scenario} {s.ScenarioHash[..12]}");
        Differences("host", names, runs, s => s.HostVersion);
        Differences("device", names, runs, s => s.Device);
        Differences("seeds", names, runs, s => string.Join(' ', s.Seeds));
        Differences("attack steps", names, runs, s => $"{s.AttackLimits.Steps}");
        Differences("defense steps", names, runs, s => $"{s.DefenseLimits.Steps}");
        Differences("attack seeds", names, runs, s => $"{s.AttackSeeds}");
        if (Differences("attackers", names, runs, s => string.Join(", ", s.Attacks.Select(a => a.Label))))
            console.WriteLine(
                "These titers are worst cases over different attackers: a run with fewer of them looks better for it, and they cannot be held "
                    + "against each other.");
        Differences("early stopping", names, runs, s => s.EarlyStopping is null ? "off" : "on");
        Differences("thresholds", names, runs, s => s.Thresholds.ToString());
        foreach (var label in runs.SelectMany(r => r.Report.Spec.Defenses.Concat(r.Report.Spec.Attacks)).Select(e => e.Label).Distinct())
            Differences($"build of {label}", names, runs,
                s => s.Defenses.Concat(s.Attacks).FirstOrDefault(e => e.Label == label) is { ContentHash.Length: >= 12 } e
                    ? e.ContentHash[..12]
                    : "not entered");
    }

    private bool Differences(string what, string[] names, IReadOnlyList<(string Folder, TournamentReport Report)> runs,
        Func<TournamentSpec, string> value)
    {
        var values = runs.Select(r => value(r.Report.Spec)).ToArray();
        if (values.Distinct().Count() == 1) return false;
        console.WriteLine($"differs: {what}: {string.Join("; ", names.Zip(values, (n, v) => $"{n} {v}"))}");
        return true;
    }

    private static string Entry(LeaderboardRow? row) => row is null ? "-"
        : row.Status is not (CellStatus.Done or CellStatus.Wrecked) ? row.Status.ToString().ToLowerInvariant()
        : $"{row.Titer}{(row.TiterInterval.Length == 0
            ? ""
            : row.TiterEndsAre == IntervalKind.Confidence95 ? $" [{row.TiterInterval}]" : $" ({row.TiterInterval})")} ({
                Figures.Score(row.Aggregations.WorstCase.Estimate)}{(row.Aggregations.IsLowerBound ? "+" : "")})";
}
