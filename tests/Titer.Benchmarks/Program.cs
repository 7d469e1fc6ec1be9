using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Titer.Benchmarks;
using Titer.Models.Native;

// Ratios of paired runs: the machine's speed on the day does not matter. No arguments: everything; else the names to run.
if (args is [MemoryBenchmarks.Argument, var way]) return MemoryBenchmarks.Child(way);
NativeTorch.EnsureLoaded();
using var models = new ModelBenchmarks();
var known = new Dictionary<string, Func<BenchmarkResult>>(StringComparer.Ordinal)
{
    ["training"] = models.TrainingStep,
    ["pytorch"] = models.TrainingStepOfPyTorch,
    ["generation"] = models.Generation,
    ["restore"] = models.Restore,
    ["evaluation"] = models.Evaluation,
    ["cell"] = HostBenchmarks.Cell,
    ["stranger"] = HostBenchmarks.StrangersCell,
    ["memory"] = MemoryBenchmarks.AdamW,
    ["memory-recomputed"] = MemoryBenchmarks.Recomputed,
    ["memory-small"] = MemoryBenchmarks.Small,
    ["tournament"] = ProcessBenchmarks.Tournament,
};
var chosen = args.Length > 0 ? args : [.. known.Keys];
var table = new Table().AddColumns("benchmark", "baseline / own", "baseline", "own", "unit", "ratio (quartiles)", "asked for");
var results = new List<BenchmarkResult>();
foreach (var name in chosen)
{
    if (!known.TryGetValue(name, out var run))
    {
        Console.Error.WriteLine($"There is no benchmark '{name}'. There are {string.Join(", ", known.Keys)}.");
        return 2;
    }

    var result = run();
    results.Add(result);
    string Number(double? value, string format) => value is { } number && !double.IsNaN(number) ? number.ToString(format, CultureInfo.InvariantCulture) : "";
    table.AddRow(result.Name, result.What, Number(result.Baseline, "0.00"), Number(result.Own, "0.00"), result.Unit,
        double.IsNaN(result.Ratio) ? "" : $"{Number(result.Ratio, "0.00")} ({Number(result.RatioLow, "0.00")}, {Number(result.RatioHigh, "0.00")})", result.Demand is { } demand ? $"{Number(demand, "0.##")} {(result.Meets ? "met" : "MISSED")}" : "");
}

AnsiConsole.Write(table);
var file = Path.Combine(AppContext.BaseDirectory, "benchmarks.json");
await File.WriteAllTextAsync(file, JsonSerializer.Serialize(results, new JsonSerializerOptions { WriteIndented = true, NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals }));
Console.WriteLine(file);
return results.TrueForAll(r => r.Meets) ? 0 : 1;
