using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Titer.Runtime.Results;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.Benchmarks.Scale;

/// <summary>Of one step: what a clock says, and what the processor did over all threads, which a busy machine does not change.</summary>
internal sealed record Cost(double WallSeconds, double ProcessorSeconds)
{
    public static Cost operator +(Cost one, Cost other) => new(one.WallSeconds + other.WallSeconds, one.ProcessorSeconds + other.ProcessorSeconds);
}

/// <summary>One process on a tournament of that size.</summary>
/// <param name="Resume">Plans and finds the results by the index that a host leaves, as every command does.</param>
/// <param name="Plan">The plan once more, alone: how much of the resume it is.</param>
internal sealed record ScaleFigures(int Phases, Cost Plan, Cost Queue, Cost Resume, Cost Fold, Cost Write, double PeakMegabytes)
{
    /// <summary>A resume without an index, by a host that makes it: every result is read from its own file.</summary>
    public Cost FirstResume { get; init; } = new(0, 0);

    public Cost Total => Resume + Fold;
}

/// <summary>Whether plan, scheduling, resume and fold grow with the phases, and no faster.</summary>
internal static class ScaleBenchmarks
{
    /// <summary>What the child processes are started with: a size and a folder.</summary>
    public const string Argument = "--scale";
    public const string WriteArgument = "--scale-write";

    private const double MostSeconds = 10;
    private const double MostMegabytes = 1000;
    private static readonly int[] Sizes = [25_000, 50_000, 100_000];

    /// <summary>The ratio is the time that is allowed over the time that the largest took.</summary>
    public static BenchmarkResult Run()
    {
        var figures = Sizes.Select(OfSize).ToArray();
        (string Name, Func<ScaleFigures, Cost> Of)[] steps =
        [
            ("plan, resume", f => f.Resume), ("fold", f => f.Fold), ("all three", f => f.Total), ("plan alone", f => f.Plan),
            ("queue", f => f.Queue), ("report files", f => f.Write), ("resume without index", f => f.FirstResume),
        ];
        foreach (var (name, of) in steps)
        {
            var points = figures.Select(f => Text($"{f.Phases}: {of(f).WallSeconds:0.00} s ({of(f).ProcessorSeconds:0.00} s of processors)"));
            var exponent = Exponent(figures, f => of(f).ProcessorSeconds);
            Console.WriteLine(Text($"{name,-20} {string.Join("; ", points)}; growth exponent {exponent:0.00}"));
        }

        var peaks = figures.Select(f => Text($"{f.Phases}: {f.PeakMegabytes:0} MB"));
        Console.WriteLine(Text($"peak memory          {string.Join("; ", peaks)}; growth exponent {Exponent(figures, f => f.PeakMegabytes):0.00}"));
        var largest = figures[^1];
        var ratio = Math.Min(MostSeconds / largest.Total.WallSeconds, MostMegabytes / largest.PeakMegabytes);
        var what = Text($"plan, resume and fold of {largest.Phases} phases: the worse of {MostSeconds} s / wall time and {MostMegabytes} MB / peak");
        return new BenchmarkResult("scale", what,
            MostSeconds * 1000, largest.Total.WallSeconds * 1000, ratio, double.NaN, double.NaN, 1, 1);
    }

    /// <summary>The child's side: measures, and prints figures as JSON.</summary>
    public static int Child(string phases, string folder)
    {
        var spec = SyntheticTournament.Of(int.Parse(phases, CultureInfo.InvariantCulture));
        using var run = RunFolder.OpenToRead(folder, KeyOf(folder));
        var store = new ResultStore(run);
        var ((extended, results), resumed) = Timed(() => store.Load(spec));
        if (store.Notices.Count > 0 || results.Count != extended.Phases.Count)
            throw new InvalidOperationException($"{results.Count} of {extended.Phases.Count} results hold. {store.Notices.FirstOrDefault()}");
        var (plan, planned) = Timed(() => TournamentPlan.From(spec));
        var (report, folded) = Timed(() => TournamentFold.Report(spec, plan, results));
        var (_, written) = Timed(() =>
            (TournamentJson.Serialize(LeaderboardDocument.From(report)), CrosstableCsv.Write(report), ReportPage.Write(report)));
        var peak = ProcessMemory.OfThisProcess("VmHWM:");
        var (count, scheduled) = Timed(() => Drain(spec, plan, results));
        if (count != results.Count) throw new InvalidOperationException($"The queue played {count} of {results.Count} phases.");
        Console.WriteLine(JsonSerializer.Serialize(new ScaleFigures(results.Count, planned, scheduled, resumed, folded, written, peak)));
        return 0;
    }

    /// <summary>The child's side: writes the results of a whole tournament, and opens it once as a host does that goes on with it.</summary>
    public static int Write(string phases, string folder)
    {
        var spec = SyntheticTournament.Of(int.Parse(phases, CultureInfo.InvariantCulture));
        Write(spec, folder);
        // Files that are as young as a clock is coarse are not indexed.
        Thread.Sleep(TimeSpan.FromSeconds(3));
        using var run = RunFolder.Open(folder, KeyOf(folder));
        var (_, first) = Timed(() => new ResultStore(run).Load(spec));
        Console.WriteLine(JsonSerializer.Serialize(first));
        return 0;
    }

    /// <summary>Results of a whole tournament, sealed by a key beside them, unflushed.</summary>
    public static void Write(TournamentSpec spec, string folder)
    {
        using var run = RunFolder.Open(folder, KeyOf(folder));
        Directory.CreateDirectory(Path.GetDirectoryName(run.PhaseFile("any"))!);
        RunRecords.Write(run, spec);
        var (queue, reader) = (new PhaseQueue(spec, TournamentPlan.From(spec), new Dictionary<string, PhaseResult>()), new PhaseResultReader());
        while (queue.Next() is { } phase)
        {
            var text = PhaseFile.Text(SyntheticTournament.Play(phase), run.Key);
            File.WriteAllText(run.PhaseFile(phase.Id), text);
            queue.Finish(phase, PhaseFile.Parse(text, reader));
        }
    }

    private static ResultKey KeyOf(string folder) => ResultKey.Of(Path.Combine(folder, "results.key"));

    /// <summary>A run of no phase's own time: the queue alone.</summary>
    private static int Drain(TournamentSpec spec, TournamentPlan plan, Dictionary<string, PhaseResult> results)
    {
        var (queue, played) = (new PhaseQueue(spec, plan, new Dictionary<string, PhaseResult>()), 0);
        for (; queue.Next() is { } phase; played++) queue.Finish(phase, results[phase.Id]);
        return played;
    }

    private static ScaleFigures OfSize(int phases)
    {
        var folder = Directory.CreateTempSubdirectory("titer-scale-").FullName;
        try
        {
            var first = JsonSerializer.Deserialize<Cost>(Start(WriteArgument, phases, folder))!;
            return JsonSerializer.Deserialize<ScaleFigures>(Start(Argument, phases, folder))! with { FirstResume = first };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Start(string argument, int phases, string folder)
    {
        string[] arguments = ["exec", typeof(ScaleBenchmarks).Assembly.Location, argument, Text($"{phases}"), folder];
        using var child = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        var text = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return child.ExitCode == 0 ? text : throw new InvalidOperationException($"The process of {argument} {phases} failed.");
    }

    /// <summary>Of log time against log phases, between the smallest and the largest.</summary>
    private static double Exponent(ScaleFigures[] figures, Func<ScaleFigures, double> of) =>
        Math.Log(of(figures[^1]) / of(figures[0])) / Math.Log(figures[^1].Phases / (double)figures[0].Phases);

    private static (T Value, Cost Cost) Timed<T>(Func<T> work)
    {
        var (started, processor) = (Stopwatch.GetTimestamp(), ProcessorSeconds());
        var value = work();
        return (value, new Cost(Stopwatch.GetElapsedTime(started).TotalSeconds, ProcessorSeconds() - processor));
    }

    private static double ProcessorSeconds()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime.TotalSeconds;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
