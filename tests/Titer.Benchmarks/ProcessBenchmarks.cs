using System.Diagnostics;
using System.Globalization;

namespace Titer.Benchmarks;

/// <summary>Whole processes, as a user starts them.</summary>
internal static class ProcessBenchmarks
{
    private const double MostSeconds = 120;

    private const double LeastOfLanes = 1.6;

    private const long Rounds = 400_000_000;

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
        // Where two processors share a core, two of anything gain less than two.
        var (alone, beside) = (Arithmetic(threads: 1), Arithmetic(threads: 2));
        var what = string.Create(CultureInfo.InvariantCulture, $"wall time of a part of the default tournament with one lane / with two, whole "
            + $"process; two threads of arithmetic that share nothing gain {2 * alone / beside:0.00} here");
        return new BenchmarkResult("lanes", what, one * 1000, two * 1000, one / two, double.NaN, double.NaN, 1, LeastOfLanes);
    }

    /// <summary>Seconds until so many threads have each done the same sums, in registers alone.</summary>
    private static double Arithmetic(int threads)
    {
        var started = Stopwatch.GetTimestamp();
        Thread[] all = [.. Enumerable.Range(0, threads).Select(_ => new Thread(() => GC.KeepAlive(Sums())))];
        foreach (var thread in all) thread.Start();
        foreach (var thread in all) thread.Join();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static double Sums()
    {
        var (a, b, c, d) = (0.0, 1.0, 2.0, 3.0);
        for (var i = 0L; i < Rounds; i++) (a, b, c, d) = ((a * 0.999) + 1, (b * 0.998) + 1, (c * 0.997) + 1, (d * 0.996) + 1);
        return a + b + c + d;
    }

    /// <summary>Runs the built <c>titer</c> to its end, whatever that is, in a folder.</summary>
    internal static void Titer(string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["exec", Path.Combine(HostBenchmarks.Tools, "titer.dll"), .. arguments])
        {
            RedirectStandardOutput = true, WorkingDirectory = folder,
        })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
    }

    private static double SecondsOf(params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("titer-benchmark-").FullName;
        try
        {
            var started = Stopwatch.GetTimestamp();
            Titer(folder, ["run", "--out", folder, .. arguments]);
            return Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
