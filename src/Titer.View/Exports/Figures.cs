using System.Globalization;
using Titer.Tournament;

namespace Titer.View.Exports;

/// <summary>The main figures as SVG: the same numbers as on the page, for papers and slides.</summary>
internal static class Figures
{
    private const double Left = 60;
    private const double Top = 46;
    private const double Width = 560;
    private const double Height = 300;
    private const double Names = 230;

    public static IEnumerable<(string Name, string Svg)> Of(TournamentReport report) =>
        [("breach-curves", BreachCurves(report)), ("trade-off", TradeOff(report)), ("crosstable", Crosstable(report))];

    /// <summary>Part of the defended models that is broken, by the attacker's steps; steps by their doublings.</summary>
    private static string BreachCurves(TournamentReport report)
    {
        var rows = report.Rows.Where(r => r.BreachCurve.Count > 0).Take(12).ToArray();
        var sheet = Frame("Breach probability by the attacker's steps", "optimizer steps of the attack", "part of the defended models broken");
        var last = Math.Log2(1 + report.Spec.AttackLimits.Steps);
        double X(double step) => Left + (Width * Math.Log2(1 + step) / last);
        foreach (var step in EvaluationGrid.Steps(report.Spec.AttackLimits.Steps).Where((step, i) => step <= 3 || i % 3 == 2))
            sheet.Text(X(step), Top + Height + 18, step.ToString(CultureInfo.InvariantCulture), "middle", "q");
        for (var i = 0; i < rows.Length; i++)
        {
            var curve = rows[i].BreachCurve;
            // What is known at a step holds until the next one.
            double Before(int n) => curve[Math.Max(0, n - 1)].Probability;
            sheet.Line(curve.SelectMany((p, n) => new[] { (X(p.Steps), Y(Before(n))), (X(p.Steps), Y(p.Probability)) }), i);
            sheet.Line([(Left + Width + 18, Top + 6 + (20 * i)), (Left + Width + 44, Top + 6 + (20 * i))], i);
            sheet.Text(Left + Width + 50, Top + 11 + (20 * i), Short(rows[i].Defense));
        }

        return sheet.ToString();
    }

    /// <summary>Resistance (1 less the highest harm under attack) against the part of the utility that the defense kept.</summary>
    private static string TradeOff(TournamentReport report)
    {
        var points = report.Rows.Where(r => double.IsFinite(r.Stability.Estimate) && double.IsFinite(r.Aggregations.WorstCase.Estimate))
            .Select(r => (r.Defense, Utility: r.Stability.Estimate, Resistance: 1 - r.Aggregations.WorstCase.Estimate)).ToArray();
        var sheet = Frame("Trade-off", "part of the utility that is kept before any attack", "resistance: 1 - highest harm under attack");
        var low = points.Select(p => p.Utility).DefaultIfEmpty(0).Min() - 0.02;
        var high = Math.Max(1, points.Select(p => p.Utility).DefaultIfEmpty(1).Max()) + 0.02;
        double X(double utility) => Left + (Width * (utility - low) / (high - low));
        for (var tick = 0; tick <= 4; tick++)
        {
            var at = low + ((high - low) * tick / 4);
            sheet.Text(X(at), Top + Height + 18, at.ToString("0.00", CultureInfo.InvariantCulture), "middle", "q");
        }

        bool OnFront((string, double Utility, double Resistance) p) => !Array.Exists(points, o => o.Utility >= p.Utility
            && o.Resistance >= p.Resistance && (o.Utility > p.Utility || o.Resistance > p.Resistance));
        var front = points.Where(OnFront).OrderBy(p => p.Utility).ToArray();
        sheet.Line(front.Select(p => (X(p.Utility), Y(p.Resistance))), 1);
        for (var i = 0; i < points.Length; i++)
        {
            sheet.Dot(X(points[i].Utility), Y(points[i].Resistance), 0, OnFront(points[i]));
            sheet.Text(X(points[i].Utility) + 9, Y(points[i].Resistance) + (i % 2 == 0 ? -6 : 16), Short(points[i].Defense));
        }

        sheet.Line([(Left + Width + 18, Top + 6), (Left + Width + 44, Top + 6)], 1);
        sheet.Text(Left + Width + 50, Top + 11, "Pareto front");
        return sheet.ToString();
    }

    /// <summary>Steps to break and the highest harm of every meeting; the color is the harm.</summary>
    private static string Crosstable(TournamentReport report)
    {
        const double column = 104;
        const double row = 34;
        var heads = report.Cells.Select(c => (c.Attack, c.Exposure)).Distinct().ToArray();
        var sheet = new SvgSheet(Names + (heads.Length * column) + 20, 100 + (report.Rows.Count * row), "Crosstable: steps to break (highest harm)");
        sheet.Text(14, 24, "Steps to break (highest harm)", css: "h");
        for (var h = 0; h < heads.Length; h++)
        {
            sheet.Text(Names + (h * column) + (column / 2), 56, Short(heads[h].Attack, 15), "middle");
            var exposure = heads[h].Exposure switch { Exposure.InDomain => "in-domain", Exposure.CrossDomain => "cross-domain", _ => "harmless" };
            sheet.Text(Names + (h * column) + (column / 2), 74, exposure, "middle", "q");
        }

        var byCell = report.Cells.ToDictionary(c => (c.Defense, c.Attack, c.Exposure));
        for (var r = 0; r < report.Rows.Count; r++)
        {
            var y = 86 + (r * row);
            sheet.Text(14, y + 22, Short(report.Rows[r].Defense));
            for (var h = 0; h < heads.Length; h++)
            {
                if (!byCell.TryGetValue((report.Rows[r].Defense, heads[h].Attack, heads[h].Exposure), out var cell)) continue;
                var part = double.IsNaN(cell.MaxHarm) ? 0 : cell.MaxHarm > 0.5 ? 0.4 + (0.6 * cell.MaxHarm) : 0.7 * cell.MaxHarm;
                string Mixed(int light, int dark) => Math.Round(light + ((dark - light) * part)).ToString(CultureInfo.InvariantCulture);
                var isKnown = !double.IsNaN(cell.MaxHarm);
                sheet.Box(Names + (h * column), y, column, row, isKnown ? $"rgb({Mixed(246, 122)},{Mixed(240, 30)},{Mixed(214, 60)})" : "none");
                sheet.Text(Names + (h * column) + (column / 2), y + 22,
                    isKnown ? string.Create(CultureInfo.InvariantCulture, $"{cell.CostText} ({cell.MaxHarm:0.00})") : cell.CostText,
                    "middle", !isKnown ? "" : part > 0.5 ? "w" : "k");
            }
        }

        return sheet.ToString();
    }

    /// <summary>Axes from 0 to 1 upward, with room for a legend.</summary>
    private static SvgSheet Frame(string title, string x, string y)
    {
        var sheet = new SvgSheet(Left + Width + Names, Top + Height + 60, title);
        sheet.Text(14, 22, title, css: "h");
        sheet.Text(14, 40, y, css: "q");
        sheet.Text(Left + (Width / 2), Top + Height + 42, x, "middle", "q");
        for (var tick = 0; tick <= 5; tick++)
        {
            sheet.Grid(Left, Y(tick / 5.0), Left + Width, Y(tick / 5.0));
            sheet.Text(Left - 8, Y(tick / 5.0) + 4, (tick / 5.0).ToString("0.0", CultureInfo.InvariantCulture), "end", "q");
        }

        return sheet;
    }

    private static double Y(double part) => Top + (Height * (1 - part));

    private static string Short(string name, int most = 26) => name.Length <= most ? name : name[..(most - 1)] + "…";
}
