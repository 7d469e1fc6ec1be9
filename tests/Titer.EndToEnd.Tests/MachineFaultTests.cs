using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>A fault of the machine is never a result: nothing is stored, the text says what to mend, and
/// the same command completes when it is mended.</summary>
[Collection(Sleepers.Name)]
public sealed class MachineFaultTests
{
    private const string Tournament = """
        name: t
        seeds: [1]
        budget: { attack: { steps: 2 }, defense: { steps: 3 } }
        defenses: [safety_sft]
        attacks: [no_weight_modification]
        """;

    private const int MachineFault = 75;

    /// <summary>Name, a shell command that breaks the machine for what follows in its own mount namespace, and the code that names it.</summary>
    public static IEnumerable<TheoryDataRow<string, string, string>> Faults => Sampled.From<TheoryDataRow<string, string, string>>(
    [
        new("a cache for the repaired library from which nothing may be run",
            "mkdir -p c && mount -t tmpfs -o noexec,size=1000m none c && export XDG_CACHE_HOME=$PWD/c", "TITER403"),
        new("a cache folder that is a file", "touch c && export XDG_CACHE_HOME=$PWD/c", "TITER406"),
        new("a temporary folder that is full", "mkdir -p s && mount -t tmpfs -o size=200k none s && export TMPDIR=$PWD/s", "TITER2"),
        new("a temporary folder that is not there", "export TMPDIR=$PWD/nowhere", "TITER230"),
        new("a temporary folder that cannot be written to", "mkdir -p s && mount -t tmpfs none s && mount -o remount,ro s && export TMPDIR=$PWD/s",
            "TITER230"),
        new("a results folder without room", "mkdir -p results/t && mount -t tmpfs -o size=400k none results/t", "TITER23"),
        new("a GPU that is asked for and not there", "export EXTRA='--device cuda'", "TITER"),
        new("a libtorch that is none", "export TITER_LIBTORCH=$PWD", "TITER402"),
        new("too few open files", "ulimit -n 200", "TITER206"),
        new("no more processes", "export EXTRA=''; mount --bind /dev/null /bin/sh", "TITER206"),
    ], 3);

    [SampledTheory]
    [MemberData(nameof(Faults))]
    public async Task Nothing_is_stored_and_the_mended_run_completes(string fault, string breakIt, string code)
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", Tournament);

        var broken = await ShellAsync(folder, $"{breakIt} && exec dotnet exec {TiterProcess.CommandLineDll} run t.yaml $EXTRA");

        var said = $"{fault}: exit code {broken.ExitCode}\n{broken.Output}{broken.Error}";
        Assert.True(broken.ExitCode is MachineFault or 2 or 0, said);
        var stored = Phases(folder);
        Assert.All(stored, p => Assert.True((string)p["status"]! == "done", said + p.ToJsonString()));
        if (broken.ExitCode != 0)
        {
            Assert.Contains(code, broken.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("TITER900", broken.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", broken.Error, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(Path.Combine(folder.Path, ".titer", "quarantine.json")), said);
        var mended = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml");
        Assert.True(mended.ExitCode == 0, said + mended.Output + mended.Error);
        Assert.All(Phases(folder), p => Assert.Equal("done", (string)p["status"]!));
    }

    [SampledFact]
    public async Task Without_a_home_a_run_completes()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", Tournament);

        var outcome = await TiterProcess.RunAsync(folder.Path,
            new Dictionary<string, string> { ["HOME"] = "", ["XDG_CACHE_HOME"] = "", ["XDG_DATA_HOME"] = "", ["TITER_HOME"] = "" }, "run", "t.yaml");

        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error);
    }

    [SampledFact]
    public async Task A_temporary_folder_with_a_long_name_is_no_fault()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", Tournament);
        var deep = Directory.CreateDirectory(Path.Combine(folder.Path, new string('x', 120))).FullName;

        var outcome = await TiterProcess.RunAsync(folder.Path, new Dictionary<string, string> { ["TMPDIR"] = deep }, "run", "t.yaml");

        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error);
    }

    [SampledFact]
    public async Task A_worker_that_is_killed_from_outside_is_played_again_and_nobody_is_blamed()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml",
            "name: t\nseeds: [1]\nbudget: { attack: { steps: 1 }, defense: { steps: 3, seconds: 60 } }\ndefenses: [{ id: sleeps_long, set: { "
                + "seconds: 4 } }]\nattacks: []\n");
        var run = TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--plugins", Zoo.Fixtures, "--lanes", "1");
        var killed = 0;
        for (var look = 0; look < 300 && killed < 2 && !run.IsCompleted; look++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
            foreach (var worker in Playing(folder, "sleeps_long"))
            {
                killed++;
                using var kill = Process.Start("kill", ["-KILL", worker]);
                await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
            }

            if (killed > 0) await Task.Delay(1500, TestContext.Current.CancellationToken);
        }

        var outcome = await run;
        Assert.True(killed > 0, "no worker was found to kill");
        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error);
    }

    [SampledFact]
    public async Task A_plugin_that_kills_its_own_process_every_time_is_told_so()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml",
            "name: t\nseeds: [1]\nbudget: { attack: { steps: 1 }, defense: { steps: 3 } }\ndefenses: [kills_itself]\nattacks: []\n");

        var outcome = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--plugins", Zoo.Fixtures);

        Assert.Equal(1, outcome.ExitCode);
        var row = Leaderboard.Read(Path.Combine(folder.Path, "results", "t")).Row("kills_itself");
        Assert.Equal(("error", "TITER204"), ((string)row["status"]!, (string)row["code"]!));
        Assert.Contains("signal 9 in each of 3 tries", (string)row["reason"]!, StringComparison.Ordinal);
    }

    private static JsonNode[] Phases(TestFolder folder) => Directory.Exists(Path.Combine(folder.Path, "results", "t", "phases"))
        ? [.. Leaderboard.Phases(Path.Combine(folder.Path, "results", "t"))]
        : [];

    /// <summary>Process ids of workers that have a copy of the plugin open.</summary>
    private static IEnumerable<string> Playing(TestFolder folder, string plugin) =>
        Directory.EnumerateDirectories("/proc").Where(p => Path.GetFileName(p).All(char.IsAsciiDigit)).Where(p =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(p, "cmdline")).Contains("Titer.Worker.dll", StringComparison.Ordinal)
                && File.ReadAllText(Path.Combine(p, "environ")).Contains("TITER_WORKER", StringComparison.Ordinal)
                && File.ReadAllText(Path.Combine(p, "maps")).Contains($"/{plugin}-", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }).Select(p => Path.GetFileName(p)!);

    /// <summary>In a mount namespace of its own; skips where that is not allowed.</summary>
    internal static async Task<TiterOutcome> ShellAsync(TestFolder folder, string command)
    {
        SkipWithoutNamespaces();
        var start = new ProcessStartInfo("unshare", ["-m", "--propagation", "private", "bash", "-c", command])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TITER_HOME"] = Path.Combine(folder.Path, ".titer");
        using var process = Process.Start(start)!;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromMinutes(10));
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(deadline.Token), process.StandardError.ReadToEndAsync(deadline.Token));
            await process.WaitForExitAsync(deadline.Token);
            return new TiterOutcome(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static void SkipWithoutNamespaces()
    {
        try
        {
            using var trial = Process.Start(new ProcessStartInfo("unshare", ["-m", "true"]) { RedirectStandardError = true });
            trial!.WaitForExit();
            if (trial.ExitCode == 0) return;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // Said below.
        }

        Assert.Skip("This test mounts file systems in a namespace of its own, which this user may not (unshare -m).");
    }
}
