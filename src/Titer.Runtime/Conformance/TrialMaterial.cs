using Titer.Models.Llama;
using Titer.Sdk;
using Titer.Sdk.Data;
using TorchSharp;

namespace Titer.Runtime.Conformance;

/// <summary>Sizes of a trial's model.</summary>
internal enum TrialShape
{
    /// <summary>Grouped heads of size 6, tied embeddings.</summary>
    First,

    /// <summary>Other width, depth, vocabulary and head count; embeddings not tied.</summary>
    Second,
}

/// <summary>A small random model, and data that fits every shape of it. Numbers mean nothing here: only behavior is looked at.</summary>
internal static class TrialMaterial
{
    private const ulong ModelSeed = 7;
    private const long PadId = 0;

    /// <param name="examples">Of each kind.</param>
    public static TrialGround Ground(TrialShape shape, int examples, DeviceContext device)
    {
        PairedExample[] pairs = [.. Enumerable.Range(0, examples).Select(i => new PairedExample(
            new($"defender/{i}", "known", [1, 3 + i, 20, 21, 22 + i % 3, 2], 2), new($"refusal/{i}", "known", [1, 3 + i, 30, 31, 2], 2)))];
        TokenizedExample[] harmful =
            [.. Enumerable.Range(0, examples).Select(i => new TokenizedExample($"attacker/{i}", "known", [1, 5 + i, 20, 22, 23, 2], 2))];
        TokenizedExample[] benign =
            [.. Enumerable.Range(0, examples).Select(i => new TokenizedExample($"benign/{i}", "task", [1, 4 + i, 10 + i, 11 + i, 2], 2))];
        return new TrialGround(Model(shape, device),
            () => new DefenseData(new PairSet(pairs, PadId, torch.CPU), new ExampleSet(benign, PadId, torch.CPU)),
            declared => new AttackData(declared, new ExampleSet(harmful, PadId, torch.CPU), new ExampleSet(benign, PadId, torch.CPU)),
            [.. pairs.SelectMany(p => new[] { p.Harmful, p.Refusal }), .. harmful, .. benign])
        {
            Parent = () => Model(shape, device),
        };
    }

    private static LlamaModel Model(TrialShape shape, DeviceContext device)
    {
        using var random = new SeededRandom(ModelSeed, torch.CPU);
        return LlamaModel.Create(shape == TrialShape.First ? Small : Other, device, random);
    }

    private static LlamaConfig Small { get; } = new()
    {
        VocabSize = 40,
        HiddenSize = 24,
        IntermediateSize = 32,
        NumHiddenLayers = 2,
        NumAttentionHeads = 4,
        NumKeyValueHeads = 2,
        MaxPositionEmbeddings = 32,
        TieWordEmbeddings = true,
        InitializerRange = 0.3,
    };

    private static LlamaConfig Other { get; } = Small with
    {
        VocabSize = 53,
        HiddenSize = 40,
        IntermediateSize = 56,
        NumHiddenLayers = 3,
        NumAttentionHeads = 5,
        NumKeyValueHeads = null,
        TieWordEmbeddings = false,
    };
}
