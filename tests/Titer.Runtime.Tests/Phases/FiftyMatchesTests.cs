using Titer.Files;
using Titer.Models.Native;
using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Runtime.Tests.Plugins;
using Titer.Runtime.Tests.Plugins.Watching;
using Titer.Scenarios;
using Titer.Scenarios.Tests;
using Titer.Tests;
using Titer.Tournament;

namespace Titer.Runtime.Tests.Phases;

/// <summary>An author's process: a defense is trained and assessed again and again in it.</summary>
[Collection(nameof(AloneInItsProcess))]
public sealed class FiftyMatchesTests(ITestOutputHelper output) : IDisposable
{
    private const int WarmUp = 15;
    private const int Matches = 50;
    private const int Window = 20;
    private const double MostGrowth = 0.02;
    private readonly TestFolder _folder = new();
    private readonly ScenarioCopy _copy = new();
    private readonly PluginRoot _root = PluginRoot.Create();

    public void Dispose()
    {
        _root.Dispose();
        _copy.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Resident_memory_is_flat_over_fifty_matches()
    {
        ProcessMemory.LimitArenas();
        NativeTorch.EnsureLoaded();
        var scenario = SmallScenario();
        var plugin = _folder.CopyOf("TrainsBriefly", "plugin");
        var host = new WarmPhaseHost(_root, scenario, "cpu", _ => null);
        var executor = new InProcessExecutor(new PhasePlayer(host));
        var readings = new List<double>();
        async Task PlayAsync(int matches)
        {
            for (var match = 0; match < matches; match++)
            {
                await PlayOneAsync(executor, scenario, plugin);
                readings.Add(ProcessMemory.ResidentMegabytes());
            }
        }

        await PlayAsync(WarmUp);
        readings.Clear();
        await PlayAsync(Matches);
        output.WriteLine(FormattableString.Invariant(
            $"{readings[0]:0.0} MB, after {Matches} matches {readings[^1]:0.0} MB, growth of medians {Growth(readings):P2}"));
        if (Growth(readings) > MostGrowth)
        {
            // The native allocator comes and goes by some MB: a real leak goes on.
            readings.Clear();
            await PlayAsync(Matches);
        }

        Assert.True(Growth(readings) <= MostGrowth, FormattableString.Invariant($"grew by {Growth(readings):P1}"));
    }

    private async Task PlayOneAsync(InProcessExecutor executor, Scenario scenario, string plugin)
    {
        var defense = new Entrant { Id = "trains_briefly", Label = "trains_briefly",
            ContentHash = new PluginGate().Inspect(plugin).Plugin!.Manifest.ContentHash };
        var scratch = _folder.Sub("scratch");
        var weights = Path.Combine(scratch, $"{Guid.NewGuid():N}.safetensors");
        var defend = new PhaseOrder
        {
            Phase = new Phase { Id = "0123456789abcdef", Kind = PhaseKind.Defend, Defense = defense, Seed = 1, RandomSeed = 1 },
            ScenarioPartFile = "none",
            SubjectFolder = scenario.SubjectFolder,
            Device = "cpu",
            Limits = new PhaseLimits { Steps = 3, WallSeconds = 60 },
            PluginFolder = plugin,
            OutputWeightsFile = weights,
            ScratchFolder = scratch,
        };
        var assess = defend with { Phase = defend.Phase with { Kind = PhaseKind.Assess }, PluginFolder = null, OutputWeightsFile = null,
            WeightsFile = weights, Limits = new PhaseLimits { Steps = 2, WallSeconds = 60 } };
        foreach (var order in new[] { defend, assess })
            Assert.Null((await executor.ExecuteAsync(order, new Silence(), TestContext.Current.CancellationToken)).Reason);
        File.Delete(weights);
    }

    /// <summary>The embedded scenario with few prompts: what is measured is memory.</summary>
    private Scenario SmallScenario()
    {
        _copy.Edit("harm_prompts_per_domain: 12", "harm_prompts_per_domain: 2");
        _copy.Edit("utility_prompts_per_domain: 8", "utility_prompts_per_domain: 1");
        _copy.Edit("trainability_prompts_per_domain: 24", "trainability_prompts_per_domain: 4");
        _copy.Edit("separately: true, steps: 48", "separately: true, steps: 2");
        return Scenario.Open(_copy.Folder);
    }

    private static double Growth(List<double> readings) =>
        ProcessMemory.Median(readings.TakeLast(Window)) / ProcessMemory.Median(readings.Take(Window)) - 1;
}
