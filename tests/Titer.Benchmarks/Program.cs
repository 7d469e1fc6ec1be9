using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Titer.Benchmarks;
using Titer.Benchmarks.Device;
using Titer.Benchmarks.Scale;
using Titer.Models.Native;

// Ratios of paired runs: the machine's speed on the day does not matter. No arguments: everything; else the names to run.
if (args is [MemoryBenchmarks.Argument, var way]) return MemoryBenchmarks.Child(way);
if (args is [SubjectMemoryBenchmarks.Argument, var kind]) return SubjectMemoryBenchmarks.Child(kind);
if (args is [ScaleBenchmarks.WriteArgument, var size, var written]) return ScaleBenchmarks.Write(size, written);
if (args is [ScaleBenchmarks.Argument, var phases, var read]) return ScaleBenchmarks.Child(phases, read);
if (args is [DeviceStep.Argument, var step, var device, var folder]) return DeviceStep.Run(step, device, folder);
// A worker's environment, which libraries read when they are loaded.
if (Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null)
{
    var start = new ProcessStartInfo("dotnet", ["exec", typeof(BenchmarkTable).Assembly.Location, .. args]);
    (start.Environment["OMP_NUM_THREADS"], start.Environment["MALLOC_ARENA_MAX"]) = ("1", "2");
    using var same = Process.Start(start)!;
    await same.WaitForExitAsync();
    return same.ExitCode;
}

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
    ["cell-worker"] = HostBenchmarks.SharedCell,
    ["stranger"] = HostBenchmarks.StrangersCell,
    ["boundary"] = BoundaryBenchmarks.StartApart,
    ["boundary-whole"] = BoundaryBenchmarks.Whole,
    ["neighbors"] = NeighborBenchmarks.Run,
    ["memory"] = MemoryBenchmarks.AdamW,
    ["memory-recomputed"] = MemoryBenchmarks.Recomputed,
    ["memory-small"] = MemoryBenchmarks.Small,
    ["subject-full"] = () => SubjectMemoryBenchmarks.Compare("full"),
    ["subject-adafactor"] = () => SubjectMemoryBenchmarks.Compare("adafactor"),
    ["subject-recomputed"] = () => SubjectMemoryBenchmarks.Compare("recomputed"),
    ["subject-lora"] = () => SubjectMemoryBenchmarks.Compare("lora"),
    ["subject-answers"] = () => SubjectMemoryBenchmarks.Compare("answers"),
    ["scale"] = ScaleBenchmarks.Run,
    ["page"] = PageBenchmarks.Run,
    ["lanes"] = ProcessBenchmarks.Lanes,
    ["tournament"] = ProcessBenchmarks.Tournament,
};
if (args.FirstOrDefault(name => !known.ContainsKey(name)) is { } unknown)
{
    Console.Error.WriteLine($"There is no benchmark '{unknown}'. There are {string.Join(", ", known.Keys)}.");
    return 2;
}

var results = (args.Length > 0 ? args : [.. known.Keys]).Select(name => known[name]()).ToList();
BenchmarkTable.Write(results);
var file = Path.Combine(AppContext.BaseDirectory, "benchmarks.json");
await File.WriteAllTextAsync(file,
    JsonSerializer.Serialize(results,
        new JsonSerializerOptions { WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals }));
Console.WriteLine(file);
return results.TrueForAll(r => r.Meets) ? 0 : 1;
