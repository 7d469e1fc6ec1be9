using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Titer.Runtime.Workers;

namespace Titer.EndToEnd.Tests;

/// <summary>The second wall, where bubblewrap is missing: Landlock and a filter of system calls.
/// What it is said to stop it stops, and it is said to be
/// weaker.</summary>
[SupportedOSPlatform("linux")]
public sealed class LandlockTests
{
    private const string Head = "name: t\nseeds: [1]\nbudget: { attack: { steps: 1 }, defense: { steps: 1, seconds: 20 } }\n";

    private static string Worker => Path.Combine(TiterProcess.CommandLineFolder, "worker", "Titer.Worker.dll");

    [Fact]
    public async Task Behind_landlock_a_defense_reaches_no_file_no_home_no_network_and_no_process_but_its_own()
    {
        SkipWithoutLandlock();

        var outcome = await SandboxTests.SnoopAsync("landlock");

        Assert.True(outcome.Reason.Contains("could: nothing", StringComparison.Ordinal), outcome.Reason + outcome.Said);
        Assert.Contains("Sandbox: Landlock", outcome.Said, StringComparison.Ordinal);
        Assert.Contains("weaker than bubblewrap", outcome.Said, StringComparison.Ordinal);
    }

    [SampledFact]
    public async Task Behind_landlock_an_attack_signals_nobody_asks_no_service_and_changes_no_file_of_the_operators()
    {
        SkipWithoutLandlock();
        using var folder = new TestFolder();
        var (results, secret) = (Path.Combine(folder.Path, "results", "t"), folder.Write("secret.txt", "made up"));
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var service = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        listener.Bind(new UnixDomainSocketEndPoint(service));
        listener.Listen();
        folder.WriteTournament("t.yaml", $"{Head}defenses: [safety_sft]\n"
            + $"attacks: [{{ id: climbs_walls, set: {{ weights: '{results}/weights', secret: '{secret}', "
            + $"service: '{service}', victim: {Environment.ProcessId} }} }}]\n");

        var outcome = await RunAsync(folder, [], "landlock");
        File.Delete(service);

        var cell = Leaderboard.Read(results).Cell("safety_sft", "climbs_walls", "none");
        Assert.True(((string)cell["reason"]!).Contains("could: nothing", StringComparison.Ordinal), cell.ToJsonString() + outcome.Error);
        Assert.Equal("made up", await File.ReadAllTextAsync(secret, TestContext.Current.CancellationToken));
        // What it looked for was there.
        Assert.True(Directory.GetDirectories(Path.Combine(results, "weights")).Length > 1);
    }

    [SampledFact]
    public async Task Where_bubblewrap_is_missing_strangers_play_behind_landlock_and_the_run_says_that_it_is_weaker()
    {
        SkipWithoutLandlock();
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", $"{Head}defenses: [unchanged_model]\nattacks: []\n");
        var path = Directory.CreateDirectory(Path.Combine(folder.Path, "empty")).FullName;

        var outcome = await RunAsync(folder, new() { ["PATH"] = path }, "auto");

        Assert.True(outcome.ExitCode is 0 or 1, outcome.Output + outcome.Error);
        Assert.Contains("Sandbox: Landlock (ABI ", outcome.Output, StringComparison.Ordinal);
        Assert.Matches("Walls: 1?[0-9][0-9] things that a plugin must not do were tried behind them, and refused", outcome.Output);
        Assert.Contains("TITER280 Strangers' plugins play behind Landlock", outcome.Error, StringComparison.Ordinal);
        var results = Path.Combine(folder.Path, "results", "t");
        Assert.Equal("done", (string)Leaderboard.Read(results).Row("unchanged_model")["status"]!);
        Assert.Contains($"\"walls\": \"landlock {Landlock.Abi}\"",
            await File.ReadAllTextAsync(Path.Combine(results, "leaderboard.json"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains($"plugins behind landlock {Landlock.Abi}, weaker than bubblewrap",
            await File.ReadAllTextAsync(Path.Combine(results, "report.md"), TestContext.Current.CancellationToken), StringComparison.Ordinal);

        var demanded = await RunAsync(folder, new() { ["PATH"] = path }, "on");
        Assert.Contains("TITER613 --sandbox on: bubblewrap is not installed", demanded.Error, StringComparison.Ordinal);
        var doctor = await TiterProcess.RunAsync(folder.Path, new Dictionary<string, string> { ["PATH"] = path }, "doctor");
        Assert.Contains("weaker than bubblewrap", doctor.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    /// <summary>Older kernels have fewer rights to give up; the filter has what they lack.</summary>
    public static IEnumerable<TheoryDataRow<int>> Abis => Sampled.From<TheoryDataRow<int>>(
    [
        new(3),
        new(4),
        new(5),
        new(6),
        new(7),
    ], 2);

    [Theory]
    [MemberData(nameof(Abis))]
    public async Task Every_abi_that_is_played_behind_keeps_what_the_probe_tries(int abi)
    {
        if (Landlock.Abi < abi) Assert.Skip($"This kernel's Landlock has ABI {Landlock.Abi}.");

        var said = await WallCheck.ProveAsync(Worker, WorkerProtection.BehindLandlock(abi), usesGpu: false, TestContext.Current.CancellationToken);

        Assert.Contains("and refused", said, StringComparison.Ordinal);
    }

    /// <summary>A probe that finds nothing anywhere would prove nothing.</summary>
    [Fact]
    public async Task Without_walls_the_probe_finds_each_of_them_missing()
    {
        SkipWithoutLandlock();
        using var folder = new TestFolder();
        var scratch = Directory.CreateDirectory(Path.Combine(folder.Path, "scratch")).FullName;
        Directory.CreateDirectory(Path.Combine(folder.Path, "other"));
        var secret = folder.Write("other/secret", "made up");
        using var process = Process.Start(new WorkerCommand { WorkerDll = Worker, ScratchFolder = scratch, Protection = WorkerProtection.None }
            .Start(WallProbe.Argument, secret, WallProbe.SharesProcesses))!;
        process.StandardInput.Close();
        var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        var could = said.Trim()[WallProbe.Answered.Length..].Split('|');
        // Debugging others is refused by some systems anyway.
        Assert.Empty(SharedWallProbe.Attempts("").Select(a => a.What).Except(could).Except(["read the host's memory"]));
        Assert.Contains("read a file of the operator", could);
        Assert.Contains("reach a network", could);
        Assert.Contains("call ptrace", could);
        Assert.Contains("call the kernel unfiltered", could);
    }

    /// <summary>CUDA's driver sees no device where it cannot do it.</summary>
    [Theory]
    [InlineData(true, "named")]
    [InlineData(false, "refused")]
    public async Task A_worker_that_uses_a_gpu_may_name_its_threads(bool usesGpu, string expected)
    {
        SkipWithoutLandlock();
        using var folder = new TestFolder();
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["exec", Worker,
            .. Enclosure.Arguments(LandlockRules.Of([], [], [], [], folder.Path, usesGpu), Landlock.Abi, usesGpu, pipe: null),
            "/bin/sh", "-c", "{ echo cuda > /proc/self/task/$$/comm; } 2> /dev/null && echo named || echo refused"])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;

        var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(expected, said.Trim());
    }

    internal static void SkipWithoutLandlock()
    {
        if (Landlock.Abi < Landlock.LeastAbi) Assert.Skip($"This kernel's Landlock has ABI {Landlock.Abi}.");
    }

    private static Task<TiterOutcome> RunAsync(TestFolder folder, Dictionary<string, string> environment, string sandbox) =>
        TiterProcess.RunAsync(folder.Path, environment, ["run", "t.yaml", "--plugins", Zoo.Fixtures, "--sandbox", sandbox]);
}
