using System.Reflection;
using Titer.Models;
using Titer.Models.Native;
using Titer.Runtime.Phases;
using Titer.Runtime.Phases.Measuring;
using Titer.Scenarios;
using Titer.Sdk;
using Titer.Sdk.Models;
using Titer.Tournament;
using TorchSharp;

namespace Titer.Runtime.Tests.Phases;

/// <summary>What a player hands over is values for a model of the measurer's own, or it is refused.</summary>
public sealed class HandOverTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("titer-test-").FullName;
    private readonly CausalLanguageModel _theirs;
    private readonly CausalLanguageModel _own;

    public HandOverTests()
    {
        NativeTorch.EnsureLoaded();
        var session = ScenarioSession.Open(Scenario.Open("apothecary").PartFor(ScenarioAudience.Assessor), DeviceSelection.Open("cpu"));
        (_theirs, _own) = (session.LoadSubject(), session.LoadSubject());
        File.Create(FileName).Dispose();
        using var noGrad = torch.no_grad();
        _theirs.Arena.Flat.mul_(1.01);
    }

    private string FileName => Path.Combine(_folder, "handed_over");

    public void Dispose()
    {
        _theirs.Dispose();
        _own.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Weights_arrive_to_the_bit()
    {
        var handOver = Give();

        using var taken = new TakenModel(_own, FileName);

        Assert.Null(taken.Take(handOver));
        Assert.True(_own.Arena.HasSameValues(_theirs.Arena));
        Assert.True(handOver.HasBase);
    }

    [Fact]
    public void An_adapter_is_handed_over_alone_and_computes_the_same()
    {
        using var random = new SeededRandom(1, torch.CPU);
        using var released = new TakenModel(_own, FileName);
        Assert.Null(released.Take(Give()));
        var line = new Line();
        var measurement = new HandOverMeasurement(FileName, _theirs, line);
        using var adapter = LoraAdapter.Attach(_theirs, new LoraOptions { Rank = 3, Targets = ["q_proj", "down_proj"] }, random);
        using (torch.no_grad()) adapter.Arena.Flat.add_(0.05);

        measurement.Measure(_theirs, 1, default);

        var handOver = line.Given!;
        Assert.False(handOver.HasBase);
        Assert.Equal(adapter.Arena.Count * 4, new FileInfo(FileName).Length);
        Assert.Null(released.Take(handOver));
        using var ids = torch.arange(1, 9, dtype: torch.ScalarType.Int64).reshape(1, 8);
        using var theirs = _theirs.Forward(ids);
        using var own = _own.Forward(ids);
        Assert.True(theirs.eq(own).all().ToBoolean());
    }

    [Theory]
    [InlineData("short", "bytes, and the model has")]
    [InlineData("long", "more than the")]
    [InlineData("changed", "not what was announced")]
    [InlineData("link", "a link")]
    [InlineData("pipe", "no regular file")]
    public void What_is_not_what_was_announced_is_refused(string kind, string words)
    {
        var handOver = Give();
        switch (kind)
        {
            case "short":
                using (var file = File.OpenWrite(FileName)) file.SetLength(file.Length - 4);
                break;
            case "long":
                using (var file = File.OpenWrite(FileName)) file.SetLength(1L << 40);
                break;
            case "changed":
                using (var file = File.OpenWrite(FileName)) file.Write([1, 2, 3]);
                break;
            case "link":
                File.Move(FileName, FileName + ".real");
                File.CreateSymbolicLink(FileName, FileName + ".real");
                break;
            default:
                File.Delete(FileName);
                using (var make = System.Diagnostics.Process.Start("mkfifo", [FileName])) make.WaitForExit();
                break;
        }

        using var taken = new TakenModel(_own, FileName);

        Assert.Contains(words, taken.Take(handOver), StringComparison.Ordinal);
    }

    [Fact]
    public void An_adapter_that_the_model_cannot_have_is_refused()
    {
        using var taken = new TakenModel(_own, FileName);
        var handOver = Give();

        var path = _own.Projections[0].Path;
        void Refused(string words, params HandedFactors[] factors) =>
            Assert.Contains(words, taken.Take(handOver with { Factors = factors }), StringComparison.Ordinal);

        Refused("no projection", new HandedFactors("model.layers.99.self_attn.q_proj", 2, 1));
        Refused("no projection", new HandedFactors(path, 1 << 16, 1));
        Refused("two adapters", new HandedFactors(path, 1, 1), new HandedFactors(path, 1, 1));
    }

    [Fact]
    public void A_tensor_of_another_shape_in_the_place_of_a_parameter_is_named()
    {
        var layout = WeightsLayout.Of(_theirs);
        var field = typeof(NamedParameter).GetField("<Tensor>k__BackingField", BindingFlags.Instance | BindingFlags.NonPublic)!;
        field.SetValue(_theirs.Parameters[0], torch.zeros([3, 5]));

        var refused = Assert.Throws<InvalidDataException>(() => HandedWeights.Write(FileName, _theirs, layout, withBase: true, []));

        Assert.Contains("has shape [3, 5]", refused.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, object> Senseless => new()
    {
        { "is not one after", Sound with { Step = 0 } },
        { "is not one after", Sound with { Step = 6 } },
        { "does not rise", Sound with { Samples = -1 } },
        { "does not rise", Sound with { Flops = double.NaN } },
        { "does not rise", Sound with { WallSeconds = double.PositiveInfinity } },
        { "adapter", Sound with { Factors = null! } },
        { "adapter", Sound with { Factors = [new HandedFactors("q", 0, 1)] } },
        { "adapter", Sound with { Factors = [new HandedFactors("q", 1, double.NaN)] } },
        { "checksum", Sound with { Checksum = "x" } },
        { "checksum", Sound with { Checksum = null! } },
    };

    [Theory]
    [MemberData(nameof(Senseless))]
    public void What_a_player_says_must_be_possible(string words, object said)
    {
        var check = new HandOverCheck(Order(PhaseKind.Attack));

        Assert.Contains(words, check.Problem((HandOver)said), StringComparison.Ordinal);
    }

    [Fact]
    public void A_player_hands_over_no_more_often_than_there_is_to_measure()
    {
        var attack = new HandOverCheck(Order(PhaseKind.Attack));
        Assert.All(Enumerable.Range(1, 5), step => Assert.Null(attack.Problem(Sound with { Step = step })));
        Assert.NotNull(attack.Problem(Sound with { Step = 5 }));

        var defense = new HandOverCheck(Order(PhaseKind.Defend));
        Assert.Null(defense.Problem(Sound with { Step = 0 }));
        Assert.Contains("too often", defense.Problem(Sound with { Step = 0 }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_player_says_how_it_asks_before_its_first_step_and_once_more_where_a_second_attack_begins()
    {
        Assert.Contains("asks nothing", new HandOverCheck(Order(PhaseKind.Defend)).AskProblem(null), StringComparison.Ordinal);

        var alone = new HandOverCheck(Order(PhaseKind.Attack));
        Assert.Null(alone.AskProblem(null));
        Assert.Contains("too often", alone.AskProblem(null), StringComparison.Ordinal);
        Assert.Contains("after a step", new HandOverCheck(Order(PhaseKind.Attack)).AskProblem(Sound), StringComparison.Ordinal);

        var two = new HandOverCheck(Composition);
        Assert.Null(two.AskProblem(null));
        Assert.Null(two.Problem(Sound with { Step = 2 }));
        Assert.Contains("is not one after", two.AskProblem(Sound with { Step = 1 }), StringComparison.Ordinal);
        Assert.Contains("too often", two.AskProblem(Sound with { Step = 2 }), StringComparison.Ordinal);

        var late = new HandOverCheck(Composition);
        Assert.Null(late.Problem(Sound with { Step = 2 }));
        Assert.Contains("without weights", late.AskProblem(null), StringComparison.Ordinal);
        Assert.Null(late.AskProblem(Sound with { Step = 2 }));
        Assert.Null(late.Problem(Sound with { Step = 3 }));
    }

    [Fact]
    public void A_player_asks_of_the_released_weights_first_and_hands_over_later_ones_and_hears_a_refusal_as_its_own()
    {
        var line = new Line();
        var measurement = new HandOverMeasurement(FileName, _theirs, line);

        measurement.Ask(_theirs, [new("sudo")], 0, default);
        Assert.Null(line.Given);
        measurement.Ask(_theirs, [new("sudo")], 2, new Spending(2, 32, 640, 1e9, 1));
        Assert.Equal(2, line.Given!.Step);

        var refused = Assert.Throws<ArgumentException>(() => measurement.Ask(_theirs, [new("long")], 0, default));
        Assert.Equal("TITER312 Too long.", refused.Message);
    }

    private static PhaseOrder Composition
    {
        get
        {
            var order = Order(PhaseKind.Attack);
            return order with { Phase = order.Phase with { Attack = Nobody with { Then = Nobody } } };
        }
    }

    private static Entrant Nobody { get; } = new() { Id = "d", Label = "d", ContentHash = "" };

    private static HandOver Sound => new(1, 16, 320, 1e9, 0.5, HasBase: true, [], new string('0', 32));

    private HandOver Give() => Sound with { Checksum = HandedWeights.Write(FileName, _theirs, WeightsLayout.Of(_theirs), withBase: true, []) };

    private static PhaseOrder Order(PhaseKind kind) => new()
    {
        Phase = new Phase { Id = "0123456789abcdef", Kind = kind, Defense = Nobody, Seed = 1, RandomSeed = 1 },
        ScenarioPartFile = "none",
        SubjectFolder = "none",
        Device = "cpu",
        Limits = new PhaseLimits { Steps = 5, WallSeconds = 60 },
        ScratchFolder = "none",
    };

    private sealed class Line : ISupervisorLine
    {
        public HandOver? Given { get; private set; }

        public bool Give(HandOver handOver)
        {
            Given = handOver;
            return false;
        }

        public (bool IsEnough, string? Refusal) Ask(IReadOnlyList<PromptWrapper> wrappers, HandOver? handOver)
        {
            Given = handOver;
            return (false, wrappers[0].Name == "long" ? "TITER312 Too long." : null);
        }

        public ToMeasure? Take() => null;

        public void Done(bool isEnough, double? worstHarm, double? secondsPerStep, string? refusal)
        {
        }
    }
}
