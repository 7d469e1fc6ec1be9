using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Titer.Tournament;

/// <summary>The crosstable as RFC 4180 lines, one per defense, attack and exposure.</summary>
public static class CrosstableCsv
{
    public static string Write(TournamentReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var csv = new StringBuilder();
        csv.Append("defense,attack,exposure,status,seeds,runs,broken,held,wrecked,cut,worst_domain,max_harm,max_harm_low,"
            + "max_harm_high,final_harm,cost_to_break_steps,price_steps,censored,censored_at_steps,budget_steps,"
            + "titer,min_utility_ratio,code,reason,set_aside\n");
        foreach (var cell in report.Cells)
        {
            csv.AppendJoin(',',
                Quote(cell.Defense), Quote(cell.Attack), Snake(cell.Exposure), Snake(cell.Status), cell.Seeds,
                cell.Runs, cell.RunsBroken, cell.RunsHeld, cell.RunsWrecked, cell.RunsCut, Quote(cell.WorstDomain ?? ""),
                Number(cell.MaxHarm), Number(cell.MaxHarmLow), Number(cell.MaxHarmHigh), Number(cell.FinalHarm), Number(cell.CostToBreakSteps),
                Number(cell.PriceSteps),
                cell.IsCensored ? "true" : "false", Number(cell.CensoredAtSteps), cell.BudgetSteps, Quote(cell.Titer ?? ""),
                Number(cell.MinUtilityRatio), Quote(cell.Code ?? ""), Quote(cell.Reason ?? ""), Quote(cell.SetAside ?? ""));
            csv.Append('\n');
        }

        return csv.ToString();
    }

    private static string Snake(Enum word) => JsonNamingPolicy.SnakeCaseLower.ConvertName(word.ToString());

    private static string Number(double value) => double.IsNaN(value) ? "" : Math.Round(value, 6).ToString(CultureInfo.InvariantCulture);

    private static string Quote(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
