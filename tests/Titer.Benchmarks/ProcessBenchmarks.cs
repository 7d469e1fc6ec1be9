using System.Diagnostics;

namespace Titer.Benchmarks;

/// <summary>Whole processes, as a user starts them.</summary>
internal static class ProcessBenchmarks
{
    private const double MostSeconds = 120;

    /// <summary>The embedded tournament; the ratio is the time that is allowed over the time that it took.</summary>
    public static BenchmarkResult Tournament()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "..", "..", "Titer.Cli", "release_linux-x64", "titer.dll");
        var folder = Directory.CreateTempSubdirectory("titer-benchmark-").FullName;
        try
        {
            var started = Stopwatch.GetTimestamp();
            using var process = Process.Start(new ProcessStartInfo("dotnet",
                ["exec", Path.GetFullPath(program), "run", "--out", folder]) { RedirectStandardOutput = true })!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            return new BenchmarkResult("tournament", "2 minutes / wall time of the default tournament", MostSeconds * 1000, seconds * 1000,
                MostSeconds / seconds, double.NaN, double.NaN, 1, 1);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
