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

/// <summary>A small random model, and data that fits every shape of it. Numbers mean nothing here: only behaviour is looked at.</summary>
internal sealed class TrialMaterial
{
    private const ulong ModelSeed = 7;
    private const long PadId = 0;

    private readonly PairedExample[] _pairs;
    private readonly TokenizedExample[] _harmful;
    private readonly TokenizedExample[] _benign;
    private readonly long _fingerprint;

    public TrialMaterial(int examples)
    {
        _pairs = [.. Enumerable.Range(0, examples).Select(i => new PairedExample(
            new($"defender/{i}", "known", [1, 3 + i, 20, 21, 22 + i % 3, 2], 2), new($"refusal/{i}", "known", [1, 3 + i, 30, 31, 2], 2)))];
        _harmful = [.. Enumerable.Range(0, examples).Select(i => new TokenizedExample($"attacker/{i}", "known", [1, 5 + i, 20, 22, 23, 2], 2))];
        _benign = [.. Enumerable.Range(0, examples).Select(i => new TokenizedExample($"benign/{i}", "task", [1, 4 + i, 10 + i, 11 + i, 2], 2))];
        _fingerprint = Fingerprint();
    }

    public bool IsChanged => Fingerprint() != _fingerprint;

    public static LlamaModel Model(TrialShape shape, DeviceContext device)
    {
        using var random = new SeededRandom(ModelSeed, torch.CPU);
        return LlamaModel.Create(shape == TrialShape.First ? Small : Other, device, random);
    }

    public DefenseData Defense() => new(new PairSet(_pairs, PadId, torch.CPU), new ExampleSet(_benign, PadId, torch.CPU));

    public AttackData Attack(TrainingData declared) =>
        new(declared, new ExampleSet(_harmful, PadId, torch.CPU), new ExampleSet(_benign, PadId, torch.CPU));

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

    private long Fingerprint()
    {
        var hash = 17L;
        foreach (var example in _pairs.SelectMany(p => new[] { p.Harmful, p.Refusal }).Concat(_harmful).Concat(_benign))
        {
            foreach (var token in example.Tokens) hash = unchecked(hash * 1_000_003 + token);
        }

        return hash;
    }
}
