using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>
/// SIGKILL at random moments of a small tournament: what was finished stays, what was not is played by the next run, and the leaderboard is that of
/// a run that nobody disturbed.
/// </summary>
public sealed class CrashTests
{
    private const int Seed = 20261126;
    private const int Points = 50;
    private const int InEveryRun = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private enum Victim
    {
        Host,
        Worker,
        Both,
    }

    /// <summary>Fifty moments: 17 of each victim, the last one left out.</summary>
    [Fact(Explicit = true)]
    public Task Fifty_kills_of_host_workers_and_both_cost_nothing() => KillAsync(Enumerable.Range(0, Points));

    [Fact]
    public Task Kills_of_host_workers_and_both_cost_nothing() => KillAsync(Sampled.From(Enumerable.Range(0, Points), InEveryRun));

    [SampledFact]
    public async Task A_second_process_on_a_folder_is_refused_and_the_first_goes_on()
    {
        using var folder = new TestFolder();
        folder.Write("t.yaml", SmallTournament.Text);
        using var first = Start(folder);
        var output = first.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await UntilAsync(() => Journal(folder).Any(l => (string)l["event"]! == "started"), first);

        var second = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml");

        Assert.Contains("TITER207", second.Error, StringComparison.Ordinal);
        Assert.NotEqual(0, second.ExitCode);
        await EndAsync(first);
        Assert.True(first.ExitCode == 0, await output);
        Assert.Single(Journal(folder), l => (string)l["event"]! == "opened");
        Assert.Equal("closed", (string)Journal(folder)[^1]["event"]!);
    }

    private static async Task KillAsync(IEnumerable<int> points)
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Processes are found in /proc.");
        using var undisturbed = new TestFolder();
        undisturbed.WriteTournament("t.yaml", SmallTournament.Text);
        var plain = await TiterProcess.RunAsync(undisturbed.Path, "run", "t.yaml");
        Assert.True(plain.ExitCode == 0, plain.Output + plain.Error);
        var expected = Leaderboard.Read(Results(undisturbed)).WithoutTimings();
        var phases = Directory.GetFiles(Path.Combine(Results(undisturbed), "phases")).Length;
        var counts = new Dictionary<Victim, int>();
        foreach (var point in points)
        {
            var random = new Random(Seed + point);
            var (victim, after, wait) = ((Victim)(point % 3), random.Next(1, phases + 1), random.Next(0, 1500));
            var name = string.Create(CultureInfo.InvariantCulture, $"point {point}: {victim} {wait} ms after phase {after} of {phases} started");
            TestContext.Current.SendDiagnosticMessage("{0}", name);
            await KillAsync(name, victim, after, wait, expected);
            counts[victim] = counts.GetValueOrDefault(victim) + 1;
        }

        TestContext.Current.SendDiagnosticMessage("{0}", string.Join(", ", counts.Select(c => $"{c.Key}: {c.Value}")));
    }

    private static async Task KillAsync(string name, Victim victim, int after, int wait, string expected)
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", SmallTournament.Text);
        using (var run = Start(folder))
        {
            var (output, error) = (run.StandardOutput.ReadToEndAsync(), run.StandardError.ReadToEndAsync());
            await UntilAsync(() => Journal(folder).Count(l => (string)l["event"]! == "started") >= after, run);
            await Task.Delay(wait, TestContext.Current.CancellationToken);
            var workers = ProcessesOf(folder).Where(p => p != run.Id).ToArray();
            if (victim != Victim.Host && workers.Length > 0) Kill(workers[wait % workers.Length]);
            if (victim != Victim.Worker) Kill(run.Id);
            await EndAsync(run);
            _ = (await output, await error);
        }

        // Workers that lost their host end by themselves.
        await UntilAsync(() => !ProcessesOf(folder).Any(), null);
        TiterOutcome? again = null;
        for (var tries = 0; tries < 2 && again is not { ExitCode: 0 }; tries++) again = await RunAsync(folder);

        Assert.True(again is { ExitCode: 0 }, $"{name}: exit code {again!.ExitCode}\n{again.Output}{again.Error}");
        Assert.Equal(expected, Leaderboard.Read(Results(folder)).WithoutTimings());
        var finished = Journal(folder).Where(l => (string)l["event"]! == "finished").Select(l => (string)l["phase_id"]!).ToArray();
        // A kill between a result and its line in the journal leaves the result: no phase is finished twice, and none that has a line has no file.
        Assert.True(finished.Distinct().Count() == finished.Length, $"{name}: a finished phase was played again.");
        Assert.All(finished, id => Assert.True(File.Exists(Path.Combine(Results(folder), "phases", id + ".json")), name));
        Assert.True(!ProcessesOf(folder).Any(), $"{name}: a process is left.");
        Assert.Empty(Directory.GetFiles(Results(folder), "*.tmp", SearchOption.AllDirectories));
        var scratch = Directory.GetDirectories(Path.Combine(folder.Path, "s"), "titer-*");
        Assert.True(scratch.Length == 0, $"{name}: {string.Join(", ", scratch)} is left.");
    }

    private static string Results(TestFolder folder) => Path.Combine(folder.Path, "results", "t");

    private static Process Start(TestFolder folder) => TiterProcess.Start(folder.Path, Scratch(folder), ["run", "t.yaml"]);

    private static Task<TiterOutcome> RunAsync(TestFolder folder) => TiterProcess.RunAsync(folder.Path, Scratch(folder), "run", "t.yaml");

    /// <summary>Its own temporary folder, so that what is left in it is this run's.</summary>
    private static Dictionary<string, string> Scratch(TestFolder folder) =>
        new() { ["TMPDIR"] = Directory.CreateDirectory(Path.Combine(folder.Path, "s")).FullName };

    private static JsonNode[] Journal(TestFolder folder)
    {
        var file = Path.Combine(Results(folder), "journal.jsonl");
        // The last line may be on its way.
        return File.Exists(file) ? [.. File.ReadAllText(file).Split('\n')[..^1].Where(l => l.Length > 0).Select(l => JsonNode.Parse(l)!)] : [];
    }

    private static async Task UntilAsync(Func<bool> condition, Process? process)
    {
        var deadline = Stopwatch.StartNew();
        while (!condition() && process is not { HasExited: true })
        {
            Assert.True(deadline.Elapsed < Patience, "What was waited for did not come.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private static async Task EndAsync(Process process)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static void Kill(int process)
    {
        try
        {
            using var victim = Process.GetProcessById(process);
            victim.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It ended before.
        }
    }

    /// <summary>Processes whose command line or environment names the folder: the host, and workers, whose pipe lies in it.</summary>
    private static IEnumerable<int> ProcessesOf(TestFolder folder)
    {
        foreach (var entry in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(entry), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) continue;
            string text;
            try
            {
                text = File.ReadAllText(entry + "/cmdline") + File.ReadAllText(entry + "/environ");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            if (text.Contains(folder.Path, StringComparison.Ordinal)) yield return id;
        }
    }
}
