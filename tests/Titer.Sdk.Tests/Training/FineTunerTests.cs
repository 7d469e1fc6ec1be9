using Microsoft.Extensions.Logging.Abstractions;
using Titer.Models.Tests;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Sdk.Tests.Training;

public sealed class FineTunerTests
{
    [Fact]
    public void An_attack_trains_to_the_budget_and_every_step_is_seen()
    {
        using var model = Tiny.Model();
        using var random = new SeededRandom(3, torch.CPU);
        var steps = new List<long>();
        var meter = new BudgetMeter(new Budget { Steps = 5 });
        var context = Attack(model, meter, random, () => steps.Add(meter.Steps));
        model.Meter = meter;

        new FineTuner(new FineTunerOptions { LearningRate = 1e-2 }).Run(context, context.Data.Harmful, batchSize: 4);

        Assert.Equal([1, 2, 3, 4, 5], steps);
        Assert.Equal(20, meter.Samples);
    }

    [Theory]
    [InlineData(OptimizerKind.AdamW, false)]
    [InlineData(OptimizerKind.Sgd, false)]
    [InlineData(OptimizerKind.Adafactor, false)]
    [InlineData(OptimizerKind.Lion, false)]
    [InlineData(OptimizerKind.AdamW, true)]
    public void Training_lowers_the_loss_and_the_same_seed_gives_the_same_bits(OptimizerKind optimizer, bool lora)
    {
        (float Before, float After, float[] Weights) Train()
        {
            using var model = Tiny.Model();
            using var random = new SeededRandom(3, torch.CPU);
            using var scope = torch.NewDisposeScope();
            var data = Tiny.Examples();
            var all = data.Batch([.. Enumerable.Range(0, data.Count)]);
            var before = FineTuner.SupervisedLoss(model, all).item<float>();
            var context = Attack(model, new BudgetMeter(new Budget { Steps = 30 }), random);
            new FineTuner(new FineTunerOptions { LearningRate = optimizer == OptimizerKind.Sgd ? 0.1 : 2e-2, Optimizer = optimizer,
                Lora = lora ? new LoraOptions { Rank = 4 } : null, WarmupRatio = 0.1, MaxGradientNorm = 1 })
                .Run(context, data, batchSize: 6);
            return (before, FineTuner.SupervisedLoss(model, all).item<float>(), model.Arena.Flat.data<float>().ToArray());
        }

        var (first, second) = (Train(), Train());

        Assert.True(first.After < 0.7 * first.Before, $"{first.Before} -> {first.After}");
        Assert.Equal(first.Weights, second.Weights);
    }

    [Fact]
    public void A_training_loop_leaves_no_tensor_behind()
    {
        using var model = Tiny.Model();
        using var random = new SeededRandom(3, torch.CPU);
        var context = Attack(model, new BudgetMeter(new Budget { Steps = 4 }), random);
        var before = DeviceContext.LiveTensors;

        new FineTuner(new FineTunerOptions { LearningRate = 1e-2 }).Run(context, context.Data.Harmful, batchSize: 4);

        Assert.Equal(before, DeviceContext.LiveTensors);
    }

    [Fact]
    public void A_snapshot_restores_every_bit()
    {
        using var model = Tiny.Model();
        using var random = new SeededRandom(3, torch.CPU);
        var before = model.Arena.Flat.data<float>().ToArray();
        using var snapshot = DeviceContext.Snapshot(model);
        var context = Attack(model, new BudgetMeter(new Budget { Steps = 2 }), random);
        new FineTuner(new FineTunerOptions { LearningRate = 1e-2 }).Run(context, context.Data.Harmful, batchSize: 4);
        Assert.NotEqual(before, model.Arena.Flat.data<float>().ToArray());

        snapshot.Restore();

        Assert.Equal(before, model.Arena.Flat.data<float>().ToArray());
    }

    [Fact]
    public void Data_that_was_not_declared_is_refused_with_the_line_that_fixes_it()
    {
        var data = new AttackData(TrainingData.Benign, Tiny.Examples(), Tiny.Examples());

        Assert.Equal(12, data.Benign.Count);
        var refusal = Assert.ThrowsAny<InvalidOperationException>(() => data.Harmful).Message;
        Assert.StartsWith("TITER302", refusal, StringComparison.Ordinal);
        Assert.Contains("Set TrainsOn = TrainingData.Harmful", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_example_comes_once_per_epoch_and_streams_are_independent()
    {
        using var random = new SeededRandom(9);
        var order = new EpochOrder(random.Fork("a"), 10, 4);
        var rows = Enumerable.Range(0, 5).SelectMany(_ => order.Next()).ToArray();

        Assert.Equal(Enumerable.Range(0, 10), rows.Take(10).Order());
        Assert.Equal(Enumerable.Range(0, 10), rows.Skip(10).Order());
        Assert.Equal(new SeededRandom(9).Fork("a").Permutation(50), random.Fork("a").Permutation(50));
        Assert.NotEqual(random.Fork("b").Permutation(50), random.Fork("a").Permutation(50));
    }

    [Fact]
    public void Paired_batches_share_one_length_and_prompts_carry_no_label()
    {
        using var scope = torch.NewDisposeScope();
        var pairs = new PairSet([new PairedExample(new("h", "d", [1, 5, 6, 7, 2], 2), new("r", "d", [1, 5, 9, 2], 2))], 0, torch.CPU);

        var batch = pairs.Batch([0]);

        Assert.Equal([1, 5], batch.Refusal.InputIds.shape);
        Assert.Equal([-100L, -100, 9, 2, -100], batch.Refusal.Labels.data<long>().ToArray());
    }

    internal static AttackContext Attack(CausalLanguageModel model, BudgetMeter meter, SeededRandom random, Action? onStep = null,
        ExampleSet? data = null) => new(
        new DeviceContext(torch.CPU, ScalarType.Float32), model, new AttackData(TrainingData.Harmful, data ?? Tiny.Examples(), Tiny.Examples()),
        meter, random,
        NullLogger.Instance, new Progress<TrainingProgress>(), CancellationToken.None, onStep);
}
