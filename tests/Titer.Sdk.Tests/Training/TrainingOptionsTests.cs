using Titer.Models.Llama;
using Titer.Models.Tests;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Sdk.Tests.Training;

/// <summary>What saves memory or padding must not change what is learned.</summary>
public sealed class TrainingOptionsTests
{
    /// <summary>Answers of 1 to 6 tokens, so that slices of a batch differ in their number of labels.</summary>
    private static readonly ExampleSet Uneven = new(
        [.. Enumerable.Range(0, 24).Select(i => new TokenizedExample($"e{i}", "d",
            [1, 3 + i % 7, .. Enumerable.Range(0, 1 + i % 6).Select(t => 5 + t + i % 11), 2], 2))], 0, torch.CPU);

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void A_batch_in_slices_has_the_gradient_of_the_whole(int slices)
    {
        var whole = Weights(new FineTunerOptions { LearningRate = 0.1, Optimizer = OptimizerKind.Sgd });
        var sliced = Weights(new FineTunerOptions { LearningRate = 0.1, Optimizer = OptimizerKind.Sgd, AccumulationSteps = slices });

        Assert.NotEqual(whole, sliced);
        Assert.All(whole.Zip(sliced), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void A_loss_in_parts_counts_by_its_mean()
    {
        using var model = Tiny.Model();
        using var random = new SeededRandom(3, torch.CPU);
        var calls = 0;
        var losses = new List<double>();
        new FineTuner(new FineTunerOptions { LearningRate = 0, MaxSteps = 2, AccumulationSteps = 4 })
            .Run(model, () => model.Parameters[0].Tensor.sum() * 0 + calls++, random, 10, () => { }, new Reports(losses));

        Assert.Equal([1.5, 5.5], losses);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Recomputed_activations_give_the_same_weights(bool lora)
    {
        var options = new FineTunerOptions { LearningRate = 1e-2, Lora = lora ? new LoraOptions { Rank = 2 } : null };

        Assert.Equal(Weights(options), Weights(options with { RecomputeActivations = true }));
    }

    [Fact]
    public void Two_passes_in_one_loss_are_recomputed_both()
    {
        static float[] Gradient(bool recompute)
        {
            using var model = Tiny.Model();
            using var scope = torch.NewDisposeScope();
            var (one, two) = (Uneven.Batch([0, 1, 2]), Uneven.Batch([3, 4, 5, 6]));
            model.Tape = recompute ? new ActivationTape() : null;
            (FineTuner.SupervisedLoss(model, one) - 0.3 * CausalLoss.CrossEntropy(model.Forward(two.InputIds), two.Labels)).backward();
            model.Tape?.Backward();
            return model.Arena.FlatGradient.data<float>().ToArray();
        }

        Assert.All(Gradient(false).Zip(Gradient(true)), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    [Fact]
    public void Batches_by_length_hold_every_example_once_and_less_padding()
    {
        using var scope = torch.NewDisposeScope();
        using var random = new SeededRandom(3, torch.CPU);
        (long Padding, int[] Rows) Epoch(bool groupByLength)
        {
            var order = new EpochOrder(random.Fork("batches"), Uneven.Count, 4);
            Func<int[]> next = groupByLength ? new LengthGroups(order, random.Fork("groups"), Uneven, 4).Next : order.Next;
            var batches = Enumerable.Range(0, 6).Select(_ => next()).ToArray();
            return (batches.Sum(rows => rows.Sum(r => rows.Max(o => Uneven[o].Tokens.Length) - Uneven[r].Tokens.Length)),
                [.. batches.SelectMany(b => b)]);
        }

        var (plain, grouped) = (Epoch(false), Epoch(true));

        Assert.Equal(Enumerable.Range(0, 24), grouped.Rows.Order());
        Assert.True(grouped.Padding < plain.Padding / 4, $"{grouped.Padding} of {plain.Padding}");
        Assert.Equal(Epoch(true).Rows, grouped.Rows);
    }

    [Fact]
    public void Warmup_stable_decay_rises_stays_and_falls_to_zero()
    {
        var options =
            new FineTunerOptions { LearningRate = 1, Schedule = LearningRateSchedule.WarmupStableDecay, WarmupRatio = 0.2, DecayRatio = 0.4 };

        Assert.Equal([0.5, 1, 1, 1, 1, 1, 1, 0.75, 0.5, 0.25], Enumerable.Range(0, 10).Select(t => LearningRates.At(options, t, 10)));
    }

    [Fact]
    public void A_model_in_bfloat16_learns_with_every_optimizer_and_repeats_itself()
    {
        foreach (var (kind, rate) in new[] { (OptimizerKind.AdamW, 2e-2), (OptimizerKind.Sgd, 0.2), (OptimizerKind.Adafactor, 2e-2),
            (OptimizerKind.Lion, 5e-3) })
        {
            foreach (var update in Enum.GetValues<LowPrecisionUpdate>())
            {
                (float Before, float After, float[] Weights) Train()
                {
                    using var random = new SeededRandom(3, torch.CPU);
                    using var model = LlamaModel.Create(Tiny.Config, new DeviceContext(torch.CPU, ScalarType.BFloat16), random.Fork("weights"));
                    using var scope = torch.NewDisposeScope();
                    var all = Uneven.Batch([.. Enumerable.Range(0, Uneven.Count)]);
                    var before = FineTuner.SupervisedLoss(model, all).item<float>();
                    var batches = Uneven.Shuffle(random.Fork("batches"), 8);
                    new FineTuner(new FineTunerOptions { LearningRate = rate, Optimizer = kind, LowPrecision = update, MaxSteps = 40,
                        RecomputeActivations = true })
                        .Run(model, () => FineTuner.SupervisedLoss(model, batches.Next()), random, 40, () => { });
                    return (before, FineTuner.SupervisedLoss(model, all).item<float>(),
                        model.Arena.Flat.to(ScalarType.Float32).data<float>().ToArray());
                }

                var (first, second) = (Train(), Train());
                Assert.True(first.After < 0.7 * first.Before, $"{kind}, {update}: {first.Before} -> {first.After}");
                Assert.Equal(first.Weights, second.Weights);
            }
        }
    }

    [Theory]
    [InlineData(-0.1, 1, 0)]
    [InlineData(0.1, 0, 0)]
    [InlineData(0.1, 1, 0.9)]
    public void Settings_without_a_meaning_are_refused(double warmup, int parts, double momentum)
    {
        var options = new FineTunerOptions { LearningRate = 1, WarmupRatio = warmup, AccumulationSteps = parts, Momentum = momentum };

        Assert.StartsWith("TITER310", Assert.Throws<ArgumentException>(() => new FineTuner(options)).Message, StringComparison.Ordinal);
    }

    private static float[] Weights(FineTunerOptions options)
    {
        using var model = Tiny.Model();
        using var random = new SeededRandom(3, torch.CPU);
        var meter = new BudgetMeter(new Budget { Steps = 8 });
        var context = FineTunerTests.Attack(model, meter, random, data: Uneven);
        new FineTuner(options).Run(context, context.Data.Harmful, batchSize: 10);
        return model.Arena.Flat.data<float>().ToArray();
    }

    private sealed class Reports(List<double> losses) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => losses.Add(value.Loss);
    }
}
