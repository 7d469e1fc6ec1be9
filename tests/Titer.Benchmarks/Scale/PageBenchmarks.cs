using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Titer.Runtime.Results;
using Titer.TestSupport;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.Benchmarks.Scale;

/// <summary>What a browser shows of a results folder, and when: <c>titer view</c> and Chromium, as a reader has them.</summary>
internal static class PageBenchmarks
{
    private const int Phases = 100_000;
    private const double MostSeconds = 3;
    private const double MostSecondsToPaint = 1;
    private const double LeastFrames = 50;

    /// <summary>The ratio is the worst of what was asked for over what it took.</summary>
    public static BenchmarkResult Run()
    {
        if (BrowserPackages.Missing is { } missing) throw new InvalidOperationException(missing);
        var embedded = Of("embedded size", SyntheticTournament.OfEmbeddedSize());
        var large = Of("large", SyntheticTournament.Of(Phases));
        var ratio = new[]
        {
            MostSecondsToPaint * 1000 / embedded.Paint, MostSeconds * 1000 / large.Shown, large.Frames / LeastFrames, embedded.Frames / LeastFrames,
        }.Min();
        var what = Text($"worst of {MostSecondsToPaint} s / first paint of the embedded size, {MostSeconds} s / leaderboard of {Phases} phases, ")
            + Text($"frames a second / {LeastFrames}");
        return new BenchmarkResult("page", what, MostSeconds * 1000, large.Shown, ratio, double.NaN, double.NaN, 1, 1);
    }

    private static PageFigures Of(string name, TournamentSpec spec)
    {
        var folder = Directory.CreateTempSubdirectory("titer-page-").FullName;
        try
        {
            ScaleBenchmarks.Write(spec, folder);
            var unread = Opened(folder);
            var board = Fold(spec, folder);
            var figures = Opened(folder);
            var phases = Directory.EnumerateFiles(Path.Combine(folder, "phases")).Count();
            Console.WriteLine(Text($"{name}: {phases} phases, a board of {board / 1e6:0.0} MB. ")
                + Text($"First paint {figures.Paint} ms, leaderboard {figures.Shown} ms, crosstable {figures.Turned} ms after a click, ")
                + Text($"{figures.Frames} frames a second while scrolling; 'titer view' answers after {figures.Start.TotalSeconds:0.0} s. ")
                + Text($"While a run has no board yet, and the page folds one: leaderboard {unread.Shown} ms."));
            return figures;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Ends as a run does.</summary>
    /// <returns>Bytes of the board.</returns>
    private static long Fold(TournamentSpec spec, string path)
    {
        using var folder = RunFolder.OpenToRead(path);
        var (plan, results) = new ResultStore(folder).Load(spec);
        RunRecords.Write(folder, TournamentFold.Report(spec, plan, results));
        return new FileInfo(folder.LeaderboardFile).Length;
    }

    private static PageFigures Opened(string folder)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "..", "..", "Titer.Cli", "release_linux-x64", "titer.dll");
        var started = Stopwatch.StartNew();
        using var view = Process.Start(new ProcessStartInfo("dotnet", ["exec", program, "view", folder, "--port", "0"])
            { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var address = view.StandardOutput.ReadLine() ?? throw new InvalidOperationException(view.StandardError.ReadToEnd());
            var answered = started.Elapsed;
            using var node = Process.Start(BrowserPackages.Start("node", "check.mjs", "speed", address))!;
            var (said, errors) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
            node.WaitForExit();
            return node.ExitCode == 0 ? JsonSerializer.Deserialize<PageFigures>(said.Result, JsonSerializerOptions.Web)! with { Start = answered }
                : throw new InvalidOperationException(errors.Result);
        }
        finally
        {
            view.Kill(entireProcessTree: true);
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Milliseconds since the address was opened, and frames a second.</summary>
    /// <param name="Turned">From a click on another page until that is drawn.</param>
    private sealed record PageFigures(int Paint, int Shown, int Turned, int Frames)
    {
        public TimeSpan Start { get; init; }
    }
}
