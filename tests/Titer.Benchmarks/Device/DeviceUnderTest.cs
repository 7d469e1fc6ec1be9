using System.Text.Json;
using System.Text.Json.Serialization;
using Titer.Models;
using Titer.Models.Llama;
using Titer.Models.Native;
using Titer.Plugins;
using Titer.Sdk;
using Titer.Sdk.Data;
using TorchSharp;

namespace Titer.Benchmarks.Device;

/// <summary>The device of a step, and the shapes that fit it: about a billion parameters on a GPU, a few thousand on the CPU.</summary>
/// <param name="name">As <c>--device</c> names it.</param>
/// <param name="folder">Where a step may leave files for the next ones.</param>
/// <param name="isEightBillion">On a GPU: the shape of Llama 3.1 8B instead.</param>
internal sealed class DeviceUnderTest(string name, string folder, bool isEightBillion = false)
{
    private static readonly JsonSerializerOptions SnakeCase =
        new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public const ulong Seed = 20261126;

    public string Name => name;

    public string Folder => folder;

    public bool IsCuda => name.StartsWith("cuda", StringComparison.Ordinal);

    public int Index => IsCuda ? DeviceSelection.IndexOf(name) : 0;

    /// <summary>Llama 3.2's shape of 1B with a smaller vocabulary: 1.04 billion parameters.</summary>
    public LlamaConfig LargeConfig => IsCuda && isEightBillion
        ? new LlamaConfig
        {
            VocabSize = 128256, HiddenSize = 4096, IntermediateSize = 14336, NumHiddenLayers = 32, NumAttentionHeads = 32, NumKeyValueHeads = 8,
            MaxPositionEmbeddings = 2048, RmsNormEps = 1e-5, TieWordEmbeddings = false, TorchDtype = "bfloat16",
        }
        : IsCuda ? new LlamaConfig
        {
            VocabSize = 32768, HiddenSize = 2048, IntermediateSize = 8192, NumHiddenLayers = 16, NumAttentionHeads = 32, NumKeyValueHeads = 8,
            MaxPositionEmbeddings = 2048, RmsNormEps = 1e-5, TieWordEmbeddings = true, TorchDtype = "bfloat16",
        }
        : new LlamaConfig
        {
            VocabSize = 256, HiddenSize = 64, IntermediateSize = 176, NumHiddenLayers = 2, NumAttentionHeads = 4, NumKeyValueHeads = 2,
            MaxPositionEmbeddings = 128, RmsNormEps = 1e-5, TieWordEmbeddings = true, TorchDtype = "bfloat16",
        };

    /// <summary>Rows and tokens a row of a training step, all tokens with a loss.</summary>
    public (int Rows, int Time) TrainingShape => IsCuda ? (4, 1024) : (2, 32);

    /// <summary>Prompts, tokens of a prompt, new tokens.</summary>
    public (int Prompts, int PromptTokens, int NewTokens) GenerationShape => IsCuda ? (32, 128, 128) : (4, 8, 8);

    public (int WarmUp, int Measured) Repeats => IsCuda && isEightBillion ? (2, 3) : IsCuda ? (3, 8) : (1, 3);

    public DeviceUnderTest EightBillion() => new(name, folder, isEightBillion: true);

    public DeviceContext Open(torch.ScalarType type) => DeviceSelection.Open(name, type);

    /// <summary>Random weights; leaves its shapes in a file, so that the peers in Python take the same.</summary>
    public LlamaModel LargeModel()
    {
        File.WriteAllText(Path.Combine(folder, "large.json"), JsonSerializer.Serialize(
            new { Config = LargeConfig, TrainingShape.Rows, TrainingShape.Time, Repeats.WarmUp, Repeats.Measured, GenerationShape.Prompts,
                GenerationShape.PromptTokens, GenerationShape.NewTokens }, SnakeCase));
        var device = Open(torch.ScalarType.BFloat16);
        using var random = new SeededRandom(Seed, device.Device);
        return LlamaModel.Create(LargeConfig, device, random);
    }

    /// <summary>Random tokens, the same in every process.</summary>
    public TokenBatch TrainingBatch()
    {
        var (rows, time) = TrainingShape;
        var random = new Random((int)Seed);
        return TokenBatch.From([.. Enumerable.Range(0, rows)
            .Select(i => new TokenizedExample($"{i}", "d", [.. Enumerable.Range(0, time).Select(_ => random.Next(LargeConfig.VocabSize))], 0))], 0,
                Open(torch.ScalarType.BFloat16).Device);
    }

    public void Synchronize()
    {
        if (IsCuda) torch.cuda.synchronize(torch.device(DeviceType.CUDA, Index));
    }

    /// <summary>
    /// Megabytes of the device's memory in use, by whomever: on a GPU all that its driver gave away,
    /// of which torch's allocator returns nothing while
    /// its process lives, so at the end it is the peak. On the CPU the process' peak of resident memory.
    /// </summary>
    public double UsedMegabytes()
    {
        if (IsCuda) return CudaDriver.Memory(Index) is var (free, total) ? (total - free) / (double)(1 << 20) : double.NaN;
        return double.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal))["VmHWM:".Length..]
            .TrimStart().Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) / 1024;
    }
}
