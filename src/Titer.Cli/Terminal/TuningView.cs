using System.Globalization;
using Spectre.Console;
using Titer.Files;
using Titer.Tournament;
using Titer.Tournament.Tuning;

namespace Titer.Cli.Terminal;

/// <summary>What a tuning came to: every setting with what it held and kept, the best one as an entry
/// to paste, and how it did on other seeds.</summary>
internal sealed class TuningView(IAnsiConsole console)
{
    /// <summary>One line for a finished try.</summary>
    public static string Line(TuningTry tried, int tries) => string.Create(CultureInfo.InvariantCulture,
        $"[{tried.Number}/{tries}] {Setting(tried)}: {(tried.Failure is { } why ? $"no score: {VisibleText.OnOneLine(why)}" : $"held {
            Held(tried)} steps, harm {Figures.Score(tried.Harm)}, {Kept(tried)}; first {tried.WorstCell}")}");

    public void Show(TuningDocument tuning, string folder)
    {
        if (tuning.Tries.Count == 0) return;
        console.WriteLine();
        new FittedTable($"Settings of {tuning.Defense}", "try",
            ["held steps", "harm", .. tuning.Guards.Select(g => g.Name), "steps", "attack steps"],
        [
            .. tuning.Tries.Select(t => (new TableCell($"{t.Number}{(t.Number == tuning.Best ? " *" : "")} {Setting(t)}"),
                (IReadOnlyList<TableCell>)
                [
                    new(t.Failure is null ? Held(t) : "no score"), new(Figures.Score(t.Harm)),
                    .. tuning.Guards.Select(g => new TableCell(Reading(t, g))),
                    new($"{t.DefenseSteps}"), new($"{t.AttackSteps}"),
                ])),
        ]).WriteTo(console);
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Charged: {tuning.DefenseSteps} steps of the defense, {tuning.AttackSteps} of attackers, {string.Join(", ", tuning.Against)}."));
        if (tuning.Best is not { } number)
        {
            console.WriteLine("No setting that could be scored keeps the guards.");
        }
        else
        {
            var best = tuning.Tries[number - 1];
            console.WriteLine(number == 1
                ? "Best: as published; nothing that was tried holds longer and keeps the guards."
                : $"Best: - {{ id: {tuning.Defense}, set: {{ {string.Join(", ", best.Options.Select(o => $"{o.Key}: {o.Value}"))} }} }}");
        }

        foreach (var row in tuning.Confirmation ?? [])
            console.WriteLine(
                $"On other seeds: {row.Defense}: titer {row.Titer}{(row.TiterEnds.Length > 0 ? $" ({row.TiterEnds})" : "")}, cross-domain {
                row.CrossDomainTiter}, utility {Figures.Score(row.Utility)}, trainability {Figures.Score(row.Trainability)}");
        if (tuning.Best is not null && tuning.Confirmation is null)
            console.WriteLine("It was searched and scored on one seed: what it holds elsewhere is not known. Give more seeds.");
        console.WriteLine($"Results: {folder} (tuning.json; screening/ is the board of all tries)");
    }

    private static string Setting(TuningTry tried) =>
        tried.Options.Count == 0 ? "as published" : string.Join(' ', tried.Options.Select(o => $"{o.Key}={o.Value}"));

    private static string Held(TuningTry tried) => Figures.Compact(tried.HeldSteps);

    private static string Kept(TuningTry tried) => string.Join(", ", tried.Guards.Select(g =>
        $"{g.Name} {Figures.Score(g.Value)}{(g.IsKept ? "" : string.Create(CultureInfo.InvariantCulture, $" below {g.Least}"))}"));

    private static string Reading(TuningTry tried, TuningGuard guard) =>
        tried.Guards.FirstOrDefault(g => g.Name == guard.Name) is { } reading ? $"{(reading.IsKept ? "" : "! ")}{Figures.Score(reading.Value)}" : "";
}
