using Titer.Runtime.Authoring;
using Titer.Runtime.Workers;

namespace Titer.EndToEnd.Tests;

/// <summary>The command line's own process never has libtorch in it; what needs torch is a worker's.</summary>
public sealed class TorchFreeHostTests
{
    [SampledFact]
    public async Task Checking_a_scenario_maps_libtorch_into_a_worker_and_not_into_the_command_line()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "What a process has mapped is read from /proc.");
        using var folder = new TestFolder();
        using var process = TiterProcess.Start(folder.Path, "scenario", "check");
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var (looks, inHost, inWorker) = (0, false, false);
        try
        {
            while (!process.HasExited)
            {
                if (MapsOf(process.Id) is { } maps)
                {
                    looks++;
                    inHost |= maps.Contains("libtorch", StringComparison.OrdinalIgnoreCase);
                }

                inWorker |= ChildrenOf(process.Id).Any(child => MapsOf(child)?.Contains("libtorch", StringComparison.OrdinalIgnoreCase) == true);
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }

        Assert.Equal(0, process.ExitCode);
        Assert.Contains("The scenario is usable.", await output, StringComparison.Ordinal);
        Assert.True(looks > 0);
        Assert.False(inHost);
        Assert.True(inWorker);
    }

    [Theory]
    [InlineData("apothecary_", "TITER503")]
    [InlineData("./nowhere", "TITER503")]
    public async Task What_a_scenario_lacks_is_told_as_its_own_refusal(string scenario, string code)
    {
        using var folder = new TestFolder();

        var outcome = await TiterProcess.RunAsync(folder.Path, "scenario", "check", scenario);

        Assert.True(outcome.ExitCode == 2, outcome.Output + outcome.Error);
        Assert.StartsWith($"{code} ", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_libtorch_that_does_not_load_is_told_by_check_and_by_play_with_its_code()
    {
        using var folder = new TestFolder();
        var environment = new Dictionary<string, string> { ["TITER_LIBTORCH"] = folder.Path };

        var check = await TiterProcess.RunAsync(folder.Path, environment, "scenario", "check");
        var play = await TiterProcess.RunAsync(folder.Path, environment, "play", Path.Combine(Zoo.Fixtures, "TrainsBriefly"), "--matches", "1");

        Assert.All([check, play], outcome =>
        {
            Assert.NotEqual(0, outcome.ExitCode);
            Assert.Contains("TITER402", outcome.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("ended the process", outcome.Output + outcome.Error, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_scenario_that_is_refused_is_no_crash_of_the_play_worker()
    {
        var screen = new SilentScreen();
        var order = new PlayOrder { PluginPath = Path.Combine(Zoo.Fixtures, "TrainsBriefly"), OpponentFolders = [], Scenario = "/nowhere/at/all",
            Device = "cpu" };
        var supervisor = new PlaySupervisor(Path.Combine(TiterProcess.CommandLineFolder, "worker", "Titer.Worker.dll"), screen);

        var refusal = await Assert.ThrowsAsync<WorkerRefusalException>(() => supervisor.RunAsync(order, 1, TestContext.Current.CancellationToken));

        Assert.Equal("TITER503", refusal.Code);
        Assert.Empty(screen.Deaths);
    }

    private sealed class SilentScreen : IPlayScreen
    {
        public List<string> Deaths { get; } = [];

        public void Show(WireMessage message)
        {
            // Only deaths are looked at.
        }

        public void Died(string reason) => Deaths.Add(reason);
    }

    private static string? MapsOf(int process) => Read($"/proc/{process}/maps");

    private static int[] ChildrenOf(int process)
    {
        string[] tasks = Directory.Exists($"/proc/{process}/task") ? Directory.GetDirectories($"/proc/{process}/task") : [];
        return [.. tasks.SelectMany(task => (Read(Path.Combine(task, "children")) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(id => int.Parse(id, System.Globalization.CultureInfo.InvariantCulture))];
    }

    private static string? Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
