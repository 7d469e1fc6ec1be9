using System.Globalization;
using Titer.Models;
using Titer.Models.Llama;
using Titer.Models.Native;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Benchmarks;

/// <summary>
/// Peak resident memory of a process that takes a few training steps of a 30-million-parameter model, above what it has with libraries loaded.
/// Each way in a process of its own: memory that one way has freed would serve the next.
/// </summary>
internal static class MemoryBenchmarks
{
    /// <summary>What the child process is started with.</summary>
    public const string Argument = "--peak";

    private const int Steps = 2;

    private static readonly LlamaConfig Config = new()
    {
        VocabSize = 8192, HiddenSize = 512, IntermediateSize = 1408, NumHiddenLayers = 8, NumAttentionHeads = 8, MaxPositionEmbeddings = 128,
        TieWordEmbeddings = true,
    };

    public static BenchmarkResult AdamW() => Compare("memory", "flat", "flat arena, AdamW");

    public static BenchmarkResult Recomputed() => Compare("memory, recomputed", "recompute", "and recomputed activations");

    public static BenchmarkResult Small() => Compare("memory, small", "small", "bfloat16, Adafactor, stochastic rounding, recomputed activations");

    /// <summary>The child's side: prints megabytes.</summary>
    public static int Child(string way)
    {
        NativeTorch.EnsureLoaded();
        torch.set_num_threads(1);
        using var random = new SeededRandom(1, torch.CPU);
        var batch = Batch();
        var before = ProcessMemory.OfThisProcess("VmRSS:");
        if (way == "plain") Plain(batch);
        else Own(way, batch, random);
        Console.WriteLine((ProcessMemory.OfThisProcess("VmHWM:") - before).ToString(CultureInfo.InvariantCulture));
        return 0;
    }

    private static BenchmarkResult Compare(string name, string way, string what)
    {
        var pairs = Enumerable.Range(0, 3).Select(_ => (Plain: Peak("plain"), Own: Peak(way))).ToArray();
        var ratios = pairs.Select(p => p.Plain / p.Own).Order().ToArray();
        return new BenchmarkResult(name, $"peak of a 30 million parameter model in training; TorchSharp modules and torch.optim.AdamW / {what}",
            PairedRatio.Median(pairs.Select(p => p.Plain)), PairedRatio.Median(pairs.Select(p => p.Own)),
            PairedRatio.Median(ratios), ratios[0], ratios[^1], pairs.Length, null, "MB");
    }

    private static double Peak(string way) => ProcessMemory.OfChild(Argument, way);

    private static void Plain(TokenBatch batch)
    {
        using var model = new PlainLlama(Config);
        using var optimizer = torch.optim.AdamW(model.parameters(), 1e-4);
        for (var step = 0; step < Steps; step++)
        {
            using var scope = torch.NewDisposeScope();
            optimizer.zero_grad();
            CausalLoss.CrossEntropy(model.forward(batch.InputIds), batch.Labels).backward();
            optimizer.step();
        }
    }

    private static void Own(string way, TokenBatch batch, SeededRandom random)
    {
        using var model =
            LlamaModel.Create(Config, DeviceSelection.Open("cpu", way == "small" ? torch.ScalarType.BFloat16 : torch.ScalarType.Float32), random);
        var options = new FineTunerOptions
        {
            LearningRate = 1e-4,
            RecomputeActivations = way != "flat",
            Optimizer = way == "small" ? OptimizerKind.Adafactor : OptimizerKind.AdamW,
            LowPrecision = LowPrecisionUpdate.StochasticRounding,
        };
        new FineTuner(options).Run(model, () => FineTuner.SupervisedLoss(model, batch), random, Steps, () => { });
    }

    private static TokenBatch Batch()
    {
        var random = new Random(1);
        return TokenBatch.From([.. Enumerable.Range(0, 4)
            .Select(i => new TokenizedExample($"{i}", "d", [.. Enumerable.Range(0, 128).Select(_ => random.Next(8192))], 1))], 0, torch.CPU);
    }
}
