using Titer.Files;
using Titer.Models;
using Titer.Models.Checkpoints;
using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Scenarios;
using Titer.Scenarios.Tests;
using Titer.Tournament;
using TorchSharp;

namespace Titer.Runtime.Tests.Phases;

/// <summary>A model that was made elsewhere becomes the defended model of a phase, bit for bit, or says why it cannot.</summary>
public sealed class CheckpointPhaseTests : IDisposable
{
    private readonly ScenarioCopy _copy = new();
    private readonly Scenario _scenario;
    private readonly string _folder;
    private readonly string _output;

    public CheckpointPhaseTests()
    {
        _scenario = Scenario.Open(_copy.Folder);
        _folder = Path.Combine(_copy.Folder, "elsewhere");
        _output = Path.Combine(_copy.Folder, "out.safetensors");
        using var model = CheckpointReader.Read(_scenario.SubjectFolder, DeviceSelection.Open("cpu"));
        using (torch.no_grad()) model.Arena.Flat.mul_(1.5);
        CheckpointWriter.Write(model, _folder);
    }

    public void Dispose() => _copy.Dispose();

    [Fact]
    public void Its_weights_are_what_is_released()
    {
        Assert.Equal(PhaseStatus.Done, Play(EnteredCheckpoint.In(_folder).ContentHash()).Status);
        Assert.Equal(File.ReadAllBytes(Path.Combine(_folder, "model.safetensors")), File.ReadAllBytes(_output));
    }

    [Fact]
    public void Files_that_changed_after_the_plan_are_not_played()
    {
        var hash = EnteredCheckpoint.In(_folder).ContentHash();
        File.AppendAllText(Path.Combine(_folder, "config.json"), " ");

        var result = Play(hash);

        Assert.Equal((PhaseStatus.Error, "TITER260"), (result.Status, result.Code));
        Assert.False(File.Exists(_output));
    }

    [Fact]
    public void Weights_that_are_not_finite_are_an_invalid_defense()
    {
        using (var model = CheckpointReader.Read(_scenario.SubjectFolder, DeviceSelection.Open("cpu")))
        {
            using (torch.no_grad()) model.Arena.Flat[0] = double.NaN;
            CheckpointWriter.Write(model, _folder);
        }

        var result = Play(EnteredCheckpoint.In(_folder).ContentHash());

        Assert.Equal((PhaseStatus.Invalid, "TITER422"), (result.Status, result.Code));
    }

    private PhaseResult Play(string hash)
    {
        using var root = PluginRoot.Create();
        return new PhasePlayer(new WarmPhaseHost(root, _scenario, "cpu", _ => null)).Play(
            new PhaseOrder
            {
                Phase = new Phase { Id = "0123456789abcdef", Kind = PhaseKind.Defend, Seed = 1, RandomSeed = 1,
                    Defense = new Entrant { Id = "d", Label = "d", ContentHash = hash, Origin = EntrantOrigin.Checkpoint } },
                ScenarioPartFile = "none",
                SubjectFolder = _scenario.SubjectFolder,
                CheckpointFolder = _folder,
                Device = "cpu",
                Limits = new PhaseLimits { Steps = 1, WallSeconds = 60 },
                OutputWeightsFile = _output,
                ScratchFolder = _copy.Folder,
            },
            new Silence(), CancellationToken.None);
    }
}
