using System.Globalization;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Titer.Models.Memory;
using Titer.Sdk;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Benchmarks.Device;

internal enum TrainingWay
{
    /// <summary>bfloat16 weights with float32 masters and moments.</summary>
    AdamW,

    /// <summary>Adafactor, stochastic rounding, activations computed again.</summary>
    LowMemory,

    /// <summary>Rank 8 on all projections, AdamW on the factors.</summary>
    Lora,

    /// <summary>The same, with activations computed again.</summary>
    LoraRecomputed,
}

/// <summary>Steps of the ordinary training loop on the large model: time of a step, tokens per second, memory, and arithmetic.</summary>
internal static class TrainingStep
{
    public static StepOutcome Run(DeviceUnderTest device, TrainingWay way)
    {
        var empty = device.UsedMegabytes();
        using var model = device.LargeModel();
        var options = Options(way);
        var (warmUp, measured) = device.Repeats;
        var (losses, stamps) = (new List<float>(), new List<long>());
        using var random = new SeededRandom(DeviceUnderTest.Seed, model.Arena.Flat.device);
        using (torch.NewDisposeScope())
        {
            var batch = device.TrainingBatch();
            new FineTuner(options).Run(model, () => FineTuner.SupervisedLoss(model, batch), random, warmUp + measured, () =>
            {
                device.Synchronize();
                stamps.Add(Stopwatch.GetTimestamp());
            }, new Losses(losses));
        }

        var seconds = stamps.Zip(stamps.Skip(1), (from, to) => Stopwatch.GetElapsedTime(from, to).TotalSeconds).Skip(warmUp - 1).ToArray();
        var (rows, time) = device.TrainingShape;
        var median = PairedRatio.Median(seconds);
        var (tokens, flops) = (rows * time / median,
            Arithmetic.OfStep(model.Arena.Count, device.LargeConfig, rows, time, options.Lora is not null) / median);
        var (used, learns, planned) = (device.UsedMegabytes(), losses[^1] < losses[0], PlannedMegabytes(device, options));
        return new StepOutcome(learns && losses.TrueForAll(float.IsFinite),
            string.Create(CultureInfo.InvariantCulture,
                $"{model.Arena.Count / 1e6:0.###} million parameters, {rows} x {time} tokens: {tokens:0} tokens/s, median "
                    + $"step {median * 1000:0.0} ms of {seconds.Length}, {flops / 1e12:0.###} TFLOP/s, {used - empty:0} MB above an "
                    + $"empty {(device.IsCuda ? "GPU" : "process")} ({planned:0} planned), loss {losses[0]:0.000} to {losses[^1]:0.000}"),
            new JsonObject
            {
                ["tokens_per_second"] = tokens, ["median_seconds"] = median, ["seconds"] = new JsonArray([.. seconds.Select(s => (JsonNode)s)]),
                ["flops_per_second"] = flops, ["peak_megabytes"] = used - empty,
                ["planned_megabytes"] = planned, ["first_loss"] = losses[0], ["last_loss"] = losses[^1],
            });
    }

    /// <summary>What <c>titer plan</c> says of the same step, without the context that was there before the model.</summary>
    private static double PlannedMegabytes(DeviceUnderTest device, FineTunerOptions options)
    {
        var (rows, time) = device.TrainingShape;
        var memory = TrainingMemory.Of(device.LargeConfig.Dimensions(), new TrainingSetting(2, rows, time, time - 1)
        {
            Optimizer = options.Optimizer, LowPrecision = options.LowPrecision, Rank = options.Lora?.Rank,
            RecomputesActivations = options.RecomputeActivations,
        });
        var passing = DeviceAllocator.Passing(memory.Activations, device.IsCuda);
        return (memory.Total - memory.Activations + DeviceAllocator.Buffers + passing) / (1 << 20);
    }

    private static FineTunerOptions Options(TrainingWay way) => way switch
    {
        TrainingWay.AdamW => new FineTunerOptions { LearningRate = 1e-4 },
        TrainingWay.LowMemory => new FineTunerOptions { LearningRate = 1e-3, Optimizer = OptimizerKind.Adafactor,
            LowPrecision = LowPrecisionUpdate.StochasticRounding, RecomputeActivations = true },
        _ => new FineTunerOptions { LearningRate = 1e-3, Lora = new LoraOptions(), RecomputeActivations = way == TrainingWay.LoraRecomputed },
    };

    private sealed class Losses(List<float> losses) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => losses.Add((float)value.Loss);
    }
}
