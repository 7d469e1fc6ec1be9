using System.Globalization;
using Spectre.Console;

namespace Titer.Benchmarks;

/// <summary>The results for people: figures in a table that fits 80 columns, and under it what was compared.</summary>
internal static class BenchmarkTable
{
    public static void Write(IReadOnlyList<BenchmarkResult> results)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("benchmark", "ratio", "quartiles", "pairs", "baseline", "own", "unit", "asked for");
        foreach (var result in results)
        {
            table.AddRow(result.Name, Number(result.Ratio),
                double.IsNaN(result.RatioLow) ? "" : $"{Number(result.RatioLow)} {Number(result.RatioHigh)}",
                result.Pairs.ToString(CultureInfo.InvariantCulture), Number(result.Baseline), Number(result.Own), result.Unit,
                result.Demand is { } demand ? $"{Number(demand)} {(result.Meets ? "met" : "MISSED")}" : "");
        }

        AnsiConsole.Write(table);
        foreach (var result in results) Console.WriteLine($"{result.Name}: {result.What}");
    }

    private static string Number(double? value) =>
        value is { } number && double.IsFinite(number) ? number.ToString(number < 100 ? "0.##" : "0", CultureInfo.InvariantCulture) : "";
}
