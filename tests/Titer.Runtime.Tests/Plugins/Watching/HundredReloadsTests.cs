using System.Globalization;
using System.Runtime.CompilerServices;
using Titer.Files;
using Titer.Models.Native;
using Titer.Plugins;
using Titer.Plugins.Watching;
using Titer.Runtime.Phases;
using Titer.Scenarios;
using Titer.Tests;
using Titer.Tournament;

namespace Titer.Runtime.Tests.Plugins.Watching;

/// <summary>Reads the memory of the whole process: nothing else may run in it.</summary>
[CollectionDefinition(nameof(AloneInItsProcess), DisableParallelization = true)]
public sealed class AloneInItsProcess;

[Collection(nameof(AloneInItsProcess))]
public sealed class HundredReloadsTests(ITestOutputHelper output) : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly PluginRoot _root = PluginRoot.Create();
    private readonly SlotRecorder _said = new();

    public void Dispose()
    {
        _root.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_hundred_reloads_of_a_training_plugin_leave_one_build_and_flat_memory()
    {
        ProcessMemory.LimitArenas();
        NativeTorch.EnsureLoaded();
        var scenario = Scenario.Open("apothecary");
        var drop = _folder.CopyOf("TrainsBriefly", "drop");
        using var slot = new PluginSlot(_root, drop, _folder.Sub("shadow"), new PluginGate(), _said, watch: false);
        var host = new WarmPhaseHost(_root, scenario, "cpu", _ => PluginStage.On(slot.Lease()!));
        var player = new PhasePlayer(host);
        // Single readings come and go by ten MB with the native allocator: medians of thirty builds, and a second look sixty builds later.
        var readings = new List<(int Build, double Resident, double Managed)>();
        var build = 0;
        void ReloadUpTo(int last)
        {
            while (++build <= last)
            {
                Play(player, scenario, slot.Manifest!.ContentHash);
                File.WriteAllText(Path.Combine(drop, "build.txt"), $"{build}");
                slot.Refresh();
                if (build > 40 && build % 5 == 0)
                    readings.Add((build, ProcessMemory.ResidentMegabytes(), GC.GetTotalMemory(forceFullCollection: true) / 1048576.0));
            }

            build = last;
        }

        double Grown(int until, Func<(int Build, double Resident, double Managed), double> of) =>
            ProcessMemory.Median(readings.Where(r => r.Build > until - 30 && r.Build <= until).Select(of))
                - ProcessMemory.Median(readings.Where(r => r.Build > until - 60 && r.Build <= until - 30).Select(of));

        ReloadUpTo(100);
        var resident = Grown(100, r => r.Resident);
        var managed = Grown(100, r => r.Managed);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"builds 71-100 against 41-70, medians: "
                + $"resident {resident:+0.0;-0.0} MB of {readings[0].Resident:0}, managed {managed:+0.00;-0.00} MB"));
        Assert.Equal(101, slot.Generations);
        Assert.Equal(Enumerable.Range(1, 100), _said.Gone);
        if (resident > 10)
        {
            ReloadUpTo(160);
            resident = Grown(160, r => r.Resident);
        }

        Assert.Equal(0, slot.Retired);
        Assert.Empty(_said.Leaks);
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
                Phase = new Phase { Id = "0123456789abcdef", Kind = PhaseKind.Defend,
                    Defense = new Entrant { Id = "trains_briefly", Label = "trains_briefly", ContentHash = hash }, Seed = 1, RandomSeed = 1 },
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
}
