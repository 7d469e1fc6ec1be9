using System.Collections.Immutable;
using Titer.Models.Llama;
using Titer.Models.Memory;
using Titer.Runtime.Tournaments;
using Titer.Scenarios;
using Titer.Scenarios.Data;
using Titer.Tournament;
using Titer.Tournament.Tests;

namespace Titer.Runtime.Tests.Tournaments;

/// <summary>Memory of the phases of an 8B subject, from its configuration alone: no weights are there. Measured peaks against the same arithmetic
/// are in tests/Titer.Benchmarks/RESULTS.md.</summary>
public sealed class SubjectMemoryTests
{
    private const double H100 = 80e9;

    /// <summary>Llama 3.1 8B: 8,030,261,248 weights.</summary>
    private static readonly ModelDimensions Llama8B = new LlamaConfig
    {
        VocabSize = 128256, HiddenSize = 4096, IntermediateSize = 14336, NumHiddenLayers = 32, NumAttentionHeads = 32, NumKeyValueHeads = 8,
        MaxPositionEmbeddings = 131072,
    }.Dimensions();

    private static readonly SubjectSizes Sizes = new(Llama8B, new RowLengths(Trained: 256, Answered: 192, Asked: 128, Prompts: 64), NewTokens: 128,
        new TrainabilitySettings(["tea"], 80, [1e-4], 8, Rank: 8), WeightBytes: 2, IsGpu: true, Judges: []);

    [Fact]
    public void Weights_gradients_and_state_are_counted_as_bytes_of_a_weight()
    {
        var full = Lane(Sizes, "full", ("optimizer", "AdamW"));

        Assert.Equal(8_030_261_248, Llama8B.Parameters);
        Assert.Equal((16.06, 16.06), (Math.Round(full.Training.Weights / 1e9, 2), Math.Round(full.Training.Gradients / 1e9, 2)));
        // A float32 copy and two moments of every weight.
        Assert.Equal(12.0 * Llama8B.Parameters, full.Training.Optimizer);
        Assert.Equal(0, Lane(Sizes, "full", ("optimizer", "Sgd"), ("low_precision", "StochasticRounding")).Training.Optimizer);
        // The copy alone.
        Assert.Equal(4.0 * Llama8B.Parameters, Lane(Sizes, "full", ("optimizer", "Sgd")).Training.Optimizer);
        // Rank 8 on all seven maps of 32 blocks: 2 bytes a weight of the factors, and 12 of its state.
        var lora = Lane(Sizes, "lora", ("optimizer", "AdamW"), ("rank", "8"));
        Assert.Equal(8.0 * 32 * (4096 * 9 + 1024 * 2 + 14336 * 3), 20971520);
        Assert.Equal(12.0 * 20971520, lora.Training.Optimizer);
    }

    [Fact]
    public void Low_rank_factors_and_small_optimizers_keep_8B_within_80_GB_and_AdamW_on_all_weights_does_not()
    {
        Assert.InRange(Lane(Sizes, "lora", ("optimizer", "AdamW"), ("rank", "8")).Total, 35e9, H100);
        Assert.InRange(
            Lane(Sizes, "small", ("optimizer", "Adafactor"), ("low_precision", "StochasticRounding"), ("recompute_activations", "true")).Total,
            35e9, 50e9);
        Assert.True(Lane(Sizes, "full", ("optimizer", "AdamW")).Total > 128e9);
        Assert.True(Memory(Sizes, "none").Lanes.Single(l => l.Who == "none").Total < 50e9);
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_the_first_setting_that_would()
    {
        var memory = Memory(Sizes, "full", ("optimizer", "AdamW"), ("low_precision", "MasterWeights"), ("recompute_activations", "false"));

        var problem = Assert.Single(memory.Problems(H100, sharing: 1));
        Assert.StartsWith("TITER587 full needs about 1", problem, StringComparison.Ordinal);
        Assert.Contains("weights 16.1, gradients 16.1, optimizer 96.4, activations", problem, StringComparison.Ordinal);
        Assert.Contains("Set { recompute_activations: true, optimizer: Adafactor }, which takes", problem,
            StringComparison.Ordinal);
        Assert.Empty(memory.Problems(400e9, sharing: 1));
        Assert.Contains("--lanes 1", Assert.Single(memory.Problems(400e9, sharing: 4), p => p.Contains(" full ", StringComparison.Ordinal)),
            StringComparison.Ordinal);
        // No such options: other ways in are named.
        Assert.Contains("lora_finetune", Assert.Single(Memory(Sizes, "plain").Problems(H100, 1)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_hosts_own_fine_tune_a_judge_and_the_process_that_measures_a_stranger_are_counted()
    {
        var whole = Memory(Sizes with { Trainability = Sizes.Trainability with { Rank = null } }, "none");
        Assert.Contains("trainability: { rank: 8 }", Assert.Single(whole.Problems(H100, 1)), StringComparison.Ordinal);

        var judged = Memory(Sizes with { Judges = [(Llama8B, 2048)] }, "none").Lanes.Single(l => l.Who == "none");
        Assert.InRange(judged.Judge, 32.1e9, 34e9);
        var (own, stranger) = (Lane(Sizes, "lora", ("rank", "8")), Memory(Sizes, "lora", isForeign: true, ("rank", "8")).Lanes[0]);
        Assert.True(stranger.Second > 32.1e9 && own.Second == 0);
        Assert.Equal(own.Total + stranger.Second + 0.6e9, stranger.Total, 1.0);
    }

    private static LaneMemory Lane(SubjectSizes sizes, string name, params (string Key, string Value)[] settings) =>
        Memory(sizes, name, settings).Lanes.Single(l => l.Who == name);

    private static SubjectMemory Memory(SubjectSizes sizes, string name, params (string Key, string Value)[] settings) =>
        Memory(sizes, name, isForeign: false, settings);

    /// <summary>A tournament of one attack with these options; called <c>none</c> it trains nothing.</summary>
    private static SubjectMemory Memory(SubjectSizes sizes, string name, bool isForeign, params (string Key, string Value)[] settings)
    {
        var spec = Some.Spec(["holds"]);
        var all = name == "none" ? ImmutableSortedDictionary<string, string>.Empty
            : settings.Append(("batch_size", "8")).ToImmutableSortedDictionary(s => s.Item1, s => s.Item2);
        Entrant Plain(Entrant e) => e with { Settings = ImmutableSortedDictionary<string, string>.Empty, IsForeign = false };
        return SubjectMemory.Of(spec with
        {
            Attacks = [Plain(spec.Attacks[0]) with { Label = name, Settings = all, IsForeign = isForeign }],
            Defenses = [.. spec.Defenses.Select(Plain)],
        }, sizes);
    }
}
