using System.Globalization;
using System.Text;
using System.Text.Json;
using Titer.Tournament;

namespace Titer.View.Exports;

/// <summary>Every table as RFC 4180 lines.</summary>
internal static class TableFiles
{
    public static IEnumerable<(string Name, string Csv)> Of(TournamentReport report) =>
    [
        ("leaderboard", Leaderboard(report)),
        ("crosstable", CrosstableCsv.Write(report)),
        ("breach-frontier", Lines("defense,exposure,utility_loss,steps,bound,broken,runs,within", report.Rows.SelectMany(r =>
            r.BreachFrontier.Select(p => Point(r, "in_domain", p)).Concat(r.CrossDomainBreachFrontier.Select(p => Point(r, "cross_domain", p)))))),
        ("breach-curves", Lines("defense,steps,probability,low,high", report.Rows.SelectMany(r =>
            r.BreachCurve.Select(p => new object?[] { r.Defense, p.Steps, p.Probability, p.Low, p.High })))),
        ("comparisons", Lines("first,second,doublings,low,high,ends_are,p_value,adjusted_p_value,smallest_p_value,called_better",
            report.Comparisons.Select(c => new object?[] { c.First, c.Second, c.Doublings, c.Low, c.High, c.EndsAre, c.PValue, c.AdjustedPValue,
                c.SmallestPValue, c.IsSignificant ? "true" : "false" }))),
        ("tries", Lines("defense,attack,exposure,number,try,max_harm,cost_to_break_steps,charged_steps", report.Cells.SelectMany(c =>
            c.Tries.Select((t, i) => new object?[] { c.Defense, c.Attack, c.Exposure, i + 1, t.Try, t.MaxHarm, t.CostToBreakSteps,
                t.ChargedSteps })))),
    ];

    private static string Leaderboard(TournamentReport report)
    {
        var conditions = report.Rows.Take(1).SelectMany(r => r.Conditions).Select(c => c.Name.Replace('-', '_')).ToArray();
        var heading = "rank,rank_low,rank_high,defense,status,titer,titer_ends,ends_are,cross_domain_titer,cross_domain_titer_ends,price_steps,"
            + string.Join(',', conditions.SelectMany(c => new[] { c, $"{c}_estimate", $"{c}_low", $"{c}_high" })) + ",passes_all,paper,code,reason";
        return Lines(heading, report.Rows.Select(r => new object?[]
        {
            r.Rank, r.RankLow, r.RankHigh, r.Defense, r.Status, r.Titer, r.TiterInterval, r.TiterEndsAre, r.CrossDomainTiter,
            r.CrossDomainTiterInterval, r.PriceSteps,
        }.Concat(r.Conditions.SelectMany(c => new object?[] { c.Report.Word, c.Report.Estimate, c.Report.Low, c.Report.High }))
            .Concat([r.PassesAll ? "true" : "false", r.Paper, r.Code, r.Reason])));
    }

    private static object?[] Point(LeaderboardRow row, string exposure, FrontierPoint p) =>
        [row.Defense, exposure, p.UtilityLoss, p.Steps, p.Bound, p.Broken, p.Runs, p.Within];

    private static string Lines(string heading, IEnumerable<IEnumerable<object?>> rows)
    {
        var csv = new StringBuilder(heading).Append('\n');
        foreach (var row in rows) csv.AppendJoin(',', row.Select(Text)).Append('\n');
        return csv.ToString();
    }

    private static string Text(object? value) => value switch
    {
        null => "",
        double number => double.IsFinite(number) ? Math.Round(number, 6).ToString(CultureInfo.InvariantCulture) : "",
        Enum word => JsonNamingPolicy.SnakeCaseLower.ConvertName(word.ToString()),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => Quote(value.ToString()!),
    };

    private static string Quote(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
