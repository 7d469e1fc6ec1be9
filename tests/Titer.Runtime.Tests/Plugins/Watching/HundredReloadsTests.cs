using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Autofac;
using Titer.Models.Native;
using Titer.Runtime.Phases;
using Titer.Runtime.Plugins;
using Titer.Runtime.Plugins.Watching;
using Titer.Scenarios;
using Titer.Tournament;

namespace Titer.Runtime.Tests.Plugins.Watching;

/// <summary>Reads the memory of the whole process: nothing else may run in it.</summary>
[CollectionDefinition(nameof(AloneInItsProcess), DisableParallelization = true)]
public sealed class AloneInItsProcess;

[Collection(nameof(AloneInItsProcess))]
public sealed partial class HundredReloadsTests(ITestOutputHelper output) : IDisposable
{
    private const int MostArenas = -8;

    private readonly TemporaryFolder _folder = new();
    private readonly IContainer _root = new ContainerBuilder().Build();
    private readonly SlotRecorder _said = new();

    public void Dispose()
    {
        _root.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_hundred_reloads_of_a_training_plugin_leave_one_build_and_flat_memory()
    {
        // As a worker is started: otherwise every thread's own reserve hides what is really kept.
        _ = SetAllocator(MostArenas, 1);
        NativeTorch.EnsureLoaded();
        var scenario = Scenario.Open("apothecary");
        var drop = _folder.CopyOf("TrainsBriefly", "drop");
        using var slot = new PluginSlot(_root, drop, _folder.Sub("shadow"), new PluginGate(), _said, watch: false);
        var host = new WarmPhaseHost(_root, scenario, "cpu", _ => PluginStage.On(slot.Lease()!));
        var player = new PhasePlayer(host);
        // Allocators and caches fill up during the first builds; single readings come and go by ten MB.
        var (early, late) = (new List<(double Resident, double Managed)>(), new List<(double Resident, double Managed)>());

        for (var build = 1; build <= 100; build++)
        {
            Play(player, scenario, slot.Manifest!.ContentHash);
            File.WriteAllText(Path.Combine(drop, "build.txt"), $"{build}");
            slot.Refresh();
            if (build > 40 && build % 5 == 0) (build <= 70 ? early : late).Add((ResidentMegabytes(), GC.GetTotalMemory(forceFullCollection: true) / 1048576.0));
        }

        var (resident, managed) = (Median(late, m => m.Resident) - Median(early, m => m.Resident), Median(late, m => m.Managed) - Median(early, m => m.Managed));
        output.WriteLine(FormattableString.Invariant($"builds 71-100 against 41-70, medians: resident {resident:+0.0;-0.0} MB of {Median(early, m => m.Resident):0}, managed {managed:+0.00;-0.00} MB"));
        Assert.Equal(101, slot.Generations);
        Assert.Equal(0, slot.Retired);
        Assert.Empty(_said.Leaks);
        Assert.Equal(Enumerable.Range(1, 100), _said.Gone);
        Assert.True(resident <= 10, $"grew by {resident:0.0} MB");
        Assert.True(managed <= 1, $"managed memory grew by {managed:0.00} MB");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Play(PhasePlayer player, Scenario scenario, string hash)
    {
        var scratch = _folder.Sub("scratch");
        var result = player.Play(
            new PhaseOrder
            {
                Phase = new Phase { Id = "0123456789abcdef", Kind = PhaseKind.Defend, Defense = new Entrant { Id = "trains_briefly", Label = "trains_briefly", ContentHash = hash }, Seed = 1, RandomSeed = 1 },
                ScenarioPartFile = "none",
                SubjectFolder = scenario.SubjectFolder,
                Device = "cpu",
                Limits = new PhaseLimits { Steps = 3, WallSeconds = 60 },
                OutputWeightsFile = Path.Combine(scratch, $"{Guid.NewGuid():N}.safetensors"),
                ScratchFolder = scratch,
            },
            new Silence(), CancellationToken.None);
        Assert.Null(result.Reason);
        Assert.Equal(3, result.Spent.Steps);
    }

    private static double Median(List<(double Resident, double Managed)> readings, Func<(double Resident, double Managed), double> of) =>
        readings.Select(of).Order().ElementAt(readings.Count / 2);

    /// <summary>In use: what the native allocator keeps for later is given back first.</summary>
    private static double ResidentMegabytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
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
