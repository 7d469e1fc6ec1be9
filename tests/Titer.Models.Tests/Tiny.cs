using Titer.Models.Llama;
using Titer.Sdk;
using Titer.Sdk.Data;
using TorchSharp;

namespace Titer.Models.Tests;

/// <summary>A small random Llama and data for it.</summary>
internal static class Tiny
{
    public static LlamaConfig Config { get; } = new()
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

    public static LlamaModel Model(ulong seed = 1, LlamaConfig? config = null)
    {
        var device = DeviceSelection.Open("cpu");
        using var random = new SeededRandom(seed, device.Device);
        return LlamaModel.Create(config ?? Config, device, random);
    }

    public static Tensor Ids(params long[][] rows) => torch.tensor(rows.SelectMany(r => r).ToArray(), [rows.Length, rows[0].Length]);

    public static ExampleSet Examples(int count = 12) => new(
        [.. Enumerable.Range(0, count).Select(i => new TokenizedExample($"e{i}", "d", [1, 3 + i, 4 + i, 5 + i, 2], 2))], 0, torch.CPU);
}
