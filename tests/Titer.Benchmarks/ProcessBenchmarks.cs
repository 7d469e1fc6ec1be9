using System.Diagnostics;

namespace Titer.Benchmarks;

/// <summary>Whole processes, as a user starts them.</summary>
internal static class ProcessBenchmarks
{
    private const double MostSeconds = 120;

    private const double LeastOfLanes = 1.6;

    /// <summary>The embedded tournament; the ratio is the time that is allowed over the time that it took.</summary>
    public static BenchmarkResult Tournament()
    {
        var seconds = SecondsOf();
        return new BenchmarkResult("tournament", "2 minutes / wall time of the default tournament", MostSeconds * 1000, seconds * 1000,
            MostSeconds / seconds, double.NaN, double.NaN, 1, 1);
    }

    /// <summary>One lane against two, on a machine of two cores and nothing else to do: what the second lane is worth.</summary>
    public static BenchmarkResult Lanes()
    {
        string[] part = ["--seeds", "1", "2", "--only", "safety_sft", "vaccine", "lora_finetune"];
        var (one, two) = (SecondsOf([.. part, "--lanes", "1"]), SecondsOf([.. part, "--lanes", "2"]));
        return new BenchmarkResult("lanes", "wall time of a part of the default tournament with one lane / with two, whole process", one * 1000,
            two * 1000, one / two, double.NaN, double.NaN, 1, LeastOfLanes);
    }

    private static double SecondsOf(params string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "..", "..", "Titer.Cli", "release_linux-x64", "titer.dll");
        var folder = Directory.CreateTempSubdirectory("titer-benchmark-").FullName;
        try
        {
            var started = Stopwatch.GetTimestamp();
            using var process = Process.Start(new ProcessStartInfo("dotnet",
                ["exec", Path.GetFullPath(program), "run", "--out", folder, .. arguments]) { RedirectStandardOutput = true })!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
