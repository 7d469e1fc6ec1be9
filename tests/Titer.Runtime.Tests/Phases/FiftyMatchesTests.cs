using System.Diagnostics;
using System.Runtime.InteropServices;
using Autofac;
using Titer.Models.Native;
using Titer.Runtime.Phases;
using Titer.Runtime.Plugins;
using Titer.Runtime.Tests.Plugins;
using Titer.Runtime.Tests.Plugins.Watching;
using Titer.Scenarios;
using Titer.Tournament;

namespace Titer.Runtime.Tests.Phases;

/// <summary>An author's process: a defense is trained and assessed again and again in it.</summary>
[Collection(nameof(AloneInItsProcess))]
public sealed partial class FiftyMatchesTests(ITestOutputHelper output) : IDisposable
{
    private const int WarmUp = 15;
    private const int Matches = 50;
    private const int Window = 20;
    private const double MostGrowth = 0.02;
    private const int MostArenas = -8;

    private readonly TemporaryFolder _folder = new();
    private readonly IContainer _root = new ContainerBuilder().Build();

    public void Dispose()
    {
        _root.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Resident_memory_is_flat_over_fifty_matches()
    {
        // As a worker is started: otherwise every thread's own reserve hides what is really kept.
        _ = SetAllocator(MostArenas, 1);
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
                readings.Add(ResidentMegabytes());
            }
        }

        await PlayAsync(WarmUp);
        readings.Clear();
        await PlayAsync(Matches);
        output.WriteLine(FormattableString.Invariant($"{readings[0]:0.0} MB, after {Matches} matches {readings[^1]:0.0} MB, growth of medians {Growth(readings):P2}"));
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
        var defense = new Entrant { Id = "trains_briefly", Label = "trains_briefly", ContentHash = new PluginGate().Inspect(plugin).Plugin!.Manifest.ContentHash };
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
        var assess = defend with { Phase = defend.Phase with { Kind = PhaseKind.Assess }, PluginFolder = null, OutputWeightsFile = null, WeightsFile = weights, Limits = new PhaseLimits { Steps = 2, WallSeconds = 60 } };
        foreach (var order in new[] { defend, assess })
            Assert.Null((await executor.ExecuteAsync(order, new Silence(), TestContext.Current.CancellationToken)).Reason);
        File.Delete(weights);
    }

    /// <summary>The embedded scenario with few prompts: what is measured is memory.</summary>
    private Scenario SmallScenario()
    {
        var source = Path.GetDirectoryName(Scenario.Open("apothecary").SubjectFolder)!;
        var copy = _folder.Sub("scenario");
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, File.ReadAllBytes(file));
        }

        var settings = Path.Combine(copy, "scenario.yaml");
        File.WriteAllText(settings, File.ReadAllText(settings)
            .Replace("harm_prompts_per_domain: 16", "harm_prompts_per_domain: 2", StringComparison.Ordinal)
            .Replace("utility_prompts_per_domain: 8", "utility_prompts_per_domain: 1", StringComparison.Ordinal)
            .Replace("trainability_prompts_per_domain: 48", "trainability_prompts_per_domain: 4", StringComparison.Ordinal));
        return Scenario.Open(copy);
    }

    private static double Growth(List<double> readings) => Median(readings.TakeLast(Window)) / Median(readings.Take(Window)) - 1;

    private static double Median(IEnumerable<double> readings)
    {
        double[] ordered = [.. readings.Order()];
        return ordered[ordered.Length / 2];
    }

    /// <summary>In use: what the collector and the native allocator keep for later is given back first.</summary>
    private static double ResidentMegabytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _ = TrimAllocator(0);
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64 / 1048576.0;
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetAllocator(int parameter, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int TrimAllocator(nuint keep);

    private sealed class Silence : IPhaseEvents
    {
        public void Report(PhaseProgress progress)
        {
        }

        public void Log(PhaseLogLine line)
        {
        }
    }
}
