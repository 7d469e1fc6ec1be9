using System.Globalization;
using Titer.Models;
using Titer.Models.Generation;
using Titer.Models.Llama;
using Titer.Models.Memory;
using Titer.Models.Native;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Benchmarks;

/// <summary>
/// What the arithmetic of <c>titer plan</c> says of a random Llama of 100 million parameters, against the peak resident memory of a process that
/// takes two steps of it, or answers with it, above what it has with libraries loaded.
/// </summary>
internal static class SubjectMemoryBenchmarks
{
    /// <summary>What the child process is started with.</summary>
    public const string Argument = "--peak-subject";

    private const int Steps = 2;
    private const int Rows = 4;
    private const int Time = 128;
    private const int NewTokens = 32;

    private static readonly LlamaConfig Config = new()
    {
        VocabSize = 16000, HiddenSize = 768, IntermediateSize = 2048, NumHiddenLayers = 12, NumAttentionHeads = 12, NumKeyValueHeads = 4,
        MaxPositionEmbeddings = 256,
    };

    public static BenchmarkResult Compare(string kind)
    {
        var predicted = Predicted(kind) / 1e6;
        var measured = Enumerable.Range(0, 3).Select(_ => Peak(kind)).Order().ToArray();
        return new BenchmarkResult($"subject, {kind}", $"peak of a 100 million parameter Llama ({What(kind)}); measured / by arithmetic",
            measured[1], predicted, measured[1] / predicted, measured[0] / predicted, measured[2] / predicted, measured.Length, null, "MB");
    }

    /// <summary>The child's side: prints megabytes.</summary>
    public static int Child(string kind)
    {
        NativeTorch.EnsureLoaded();
        torch.set_num_threads(1);
        using var random = new SeededRandom(1, torch.CPU);
        var numbers = new Random(1);
        int[][] texts = [.. Enumerable.Range(0, kind == "answers" ? 32 : Rows)
            .Select(_ => Enumerable.Range(0, Time).Select(_ => numbers.Next(Config.VocabSize)).ToArray())];
        var before = ProcessMemory.OfThisProcess("VmRSS:");
        using var model = LlamaModel.Create(Config, DeviceSelection.Open("cpu"), random);
        // What making random weights took does not count: from here on.
        File.WriteAllText("/proc/self/clear_refs", "5");
        if (kind == "answers") TextGenerator.Greedy(model, texts, NewTokens, endId: -1, padId: 0);
        else
        {
            var batch = TokenBatch.From([.. texts.Select((t, i) => new TokenizedExample($"{i}", "d", t, 1))], 0, torch.CPU);
            new FineTuner(Options(kind)).Run(model, () => FineTuner.SupervisedLoss(model, batch), random, Steps, () => { });
        }

        Console.WriteLine((ProcessMemory.OfThisProcess("VmHWM:") - before).ToString(CultureInfo.InvariantCulture));
        return 0;
    }

    private static string What(string kind) => kind switch
    {
        "full" => "float32, AdamW",
        "adafactor" => "float32, Adafactor",
        "recomputed" => "float32, AdamW, recomputed activations",
        "lora" => "float32, LoRA of rank 8, AdamW",
        _ => "32 answers of 32 tokens",
    };

    private static TrainingSetting Setting(string kind) => new(4, Rows, Time, Time - 1)
    {
        Optimizer = kind == "adafactor" ? OptimizerKind.Adafactor : OptimizerKind.AdamW,
        RecomputesActivations = kind == "recomputed",
        Rank = kind == "lora" ? 8 : null,
    };

    private static FineTunerOptions Options(string kind) => new()
    {
        LearningRate = 1e-4,
        Optimizer = Setting(kind).Optimizer,
        RecomputeActivations = Setting(kind).RecomputesActivations,
        Lora = Setting(kind).Rank is { } rank ? new LoraOptions { Rank = rank } : null,
    };

    private static double Predicted(string kind)
    {
        var model = Config.Dimensions();
        if (kind == "answers")
            return 8.0 * model.Parameters + DeviceAllocator.Buffers
                + DeviceAllocator.Passing(AnsweringMemory.Of(model, 4, 32, Time, NewTokens).Total, isGpu: false);
        var training = TrainingMemory.Of(model, Setting(kind));
        return training.Total - training.Activations + DeviceAllocator.Buffers + DeviceAllocator.Passing(training.Activations, isGpu: false);
    }

    private static double Peak(string kind) => ProcessMemory.OfChild(Argument, kind) * 1.048576;
}
