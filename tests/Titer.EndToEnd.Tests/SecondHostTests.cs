using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>
/// Two hosts on one results folder whose locks do not reach each other: the second one has its own name and its own processes, and the lock file is
/// taken away from under the first.
/// </summary>
public sealed class SecondHostTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(12);

    [Fact]
    public async Task The_second_host_is_refused_by_name_while_the_first_plays_and_goes_on_when_that_is_gone()
    {
        using var folder = new TestFolder();
        // The first host must still play when the second one has started.
        folder.Write("t.yaml", SmallTournament.Text);
        if (!await CanUnshareAsync()) Assert.Skip("Another host is made by unshare, which is not allowed here.");
        using var first = TiterProcess.Start(folder.Path, "run", "t.yaml");
        var (output, error) = (first.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken),
            first.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await UntilAsync(() => first.HasExited || Journal(folder).Any(l => (string)l["event"]! == "started"));
        File.Delete(Path.Combine(folder.Path, "results", "t", ".lock"));

        var refused = await OtherHostAsync(folder);
        Assert.Contains("TITER207", refused.Error, StringComparison.Ordinal);
        Assert.Contains($"process {first.Id} on {Environment.MachineName}", refused.Error, StringComparison.Ordinal);
        Assert.Equal(2, refused.ExitCode);
        first.Kill(entireProcessTree: true);
        await first.WaitForExitAsync(TestContext.Current.CancellationToken);
        _ = (await output, await error);
        File.Delete(Path.Combine(folder.Path, "results", "t", ".lock"));
        var goesOn = await OtherHostAsync(folder);

        Assert.True(goesOn.ExitCode == 0, goesOn.Output + goesOn.Error);
        Assert.Equal(["first", "other"], Journal(folder).Where(l => (string)l["event"]! == "opened")
            .Select(l => (string)l["host"]! == Environment.MachineName ? "first" : (string)l["host"]!));
        var finished = Journal(folder).Where(l => (string)l["event"]! == "finished").Select(l => (string)l["phase_id"]!).ToArray();
        Assert.Equal(finished.Distinct(), finished);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "results", "t", "set-aside")));
        Assert.False(File.Exists(Path.Combine(folder.Path, "results", "t", ".host")));
    }

    [SampledFact]
    public async Task Weights_stay_within_their_quota_while_a_run_plays_and_the_leaderboard_is_the_same()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", SmallTournament.Text.Replace("seeds: [1]", "seeds: [1, 2, 3]", StringComparison.Ordinal));
        var free = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--out", "free");
        Assert.True(free.ExitCode == 0, free.Output + free.Error);
        var one = Directory.GetFiles(Path.Combine(folder.Path, "free", "weights"), "*", SearchOption.AllDirectories)
            .Select(f => new FileInfo(f).Length).ToArray();
        var megabytes = (2.6 * one.Max() / 1e6).ToString("0.000", System.Globalization.CultureInfo.InvariantCulture);

        using var run = TiterProcess.Start(folder.Path, "run", "t.yaml", "--out", "kept", "--lanes", "1",
            "--weights-megabytes", megabytes);
        var (output, error) = (run.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken),
            run.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        var most = 0L;
        await UntilAsync(() =>
        {
            most = Math.Max(most, Stored(Path.Combine(folder.Path, "kept", "weights")));
            return run.HasExited;
        });

        Assert.True(run.ExitCode == 0, await output + await error);
        Assert.True(one.Length == 4, "The undefended subject and three defended models.");
        Assert.InRange(most, one.Max(), 3 * one.Max());
        Assert.True(Stored(Path.Combine(folder.Path, "kept", "weights")) <= 2.6 * one.Max());
        Assert.Equal(Leaderboard.Read(Path.Combine(folder.Path, "free")).WithoutTimings(),
            Leaderboard.Read(Path.Combine(folder.Path, "kept")).WithoutTimings());
    }

    private static long Stored(string weights)
    {
        try
        {
            return !Directory.Exists(weights) ? 0 : new DirectoryInfo(weights).EnumerateFiles("model.safetensors", SearchOption.AllDirectories)
                .Sum(f => f.Exists ? f.Length : 0);
        }
        catch (IOException)
        {
            // It went while it was looked at.
            return 0;
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var waited = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(waited.Elapsed < Patience, "What was waited for did not come.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private static JsonNode[] Journal(TestFolder folder)
    {
        var file = Path.Combine(folder.Path, "results", "t", "journal.jsonl");
        return File.Exists(file) ? [.. File.ReadAllText(file).Split('\n')[..^1].Where(l => l.Length > 0).Select(l => JsonNode.Parse(l)!)] : [];
    }

    private static async Task<bool> CanUnshareAsync()
    {
        if (!OperatingSystem.IsLinux()) return false;
        try
        {
            using var trial = Process.Start(new ProcessStartInfo("unshare", ["--uts", "--pid", "--fork", "--mount-proc", "hostname", "other"])
            {
                RedirectStandardError = true,
            })!;
            await trial.WaitForExitAsync(TestContext.Current.CancellationToken);
            return trial.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static async Task<TiterOutcome> OtherHostAsync(TestFolder folder)
    {
        string[] arguments = ["--uts", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", "hostname other; exec \"$@\"", "sh",
            "dotnet", "exec", TiterProcess.CommandLineDll, "run", "t.yaml"];
        var start = new ProcessStartInfo("unshare", arguments)
        {
            WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["TITER_HOME"] = Path.Combine(folder.Path, ".titer");
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken),
            process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new TiterOutcome(process.ExitCode, await output, await error);
    }
}
