using Titer.Models.Tests;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using Titer.Tests;
using TorchSharp;

namespace Titer.Sdk.Tests.Training;

/// <summary>Reads the memory of the whole process: nothing else may run in it.</summary>
[CollectionDefinition(nameof(AloneInItsProcess), DisableParallelization = true)]
public sealed class AloneInItsProcess;

/// <summary>A thousand steps take no more memory than a hundred.</summary>
[Collection(nameof(AloneInItsProcess))]
public sealed class SteadyTrainingTests(ITestOutputHelper output)
{
    private const int WarmUp = 300;
    private const int Steps = 1000;
    private const int Window = 300;
    private const double MostGrowth = 0.02;

    [Theory]
    [InlineData(OptimizerKind.AdamW, false)]
    [InlineData(OptimizerKind.AdamW, true)]
    [InlineData(OptimizerKind.Sgd, false)]
    public void Resident_memory_is_flat_over_a_thousand_steps(OptimizerKind optimizer, bool lora)
    {
        using var model = Tiny.Model();
        using var random = new SeededRandom(3, torch.CPU);
        using var scope = torch.NewDisposeScope();
        var batches = Tiny.Examples().Shuffle(random.Fork("batches"), 4);
        var readings = new List<(int Step, double Megabytes, long Tensors)>();
        var step = 0;
        var options = new FineTunerOptions { LearningRate = 1e-4, Optimizer = optimizer, Lora = lora ? new LoraOptions { Rank = 4 } : null };
        // Both looks are taken of one run: a second tuner would begin with memory of its own.
        var total = WarmUp + 2 * Steps;
        var isFlat = false;
        new FineTuner(options).Run(model, () => FineTuner.SupervisedLoss(model, batches.Next()), random, total, () =>
        {
            step++;
            if (isFlat || step < WarmUp || step % 20 != 0) return;
            readings.Add((step, ProcessMemory.ResidentMegabytes(), DeviceContext.LiveTensors));
            if (step == WarmUp + Steps || step == total) isFlat = Growth(readings, step) <= MostGrowth;
        });

        output.WriteLine(FormattableString.Invariant(
            $"{readings[0].Megabytes:0.0} MB at step {readings[0].Step}, {readings[^1].Megabytes:0.0} MB at step {readings[^1].Step}, growth {
                Growth(readings, readings[^1].Step):P2}"));
        Assert.True(isFlat, FormattableString.Invariant($"grew by {Growth(readings, readings[^1].Step):P1}"));
        Assert.Single(readings.Select(r => r.Tensors).Distinct());
    }

    /// <summary>Of the last window's median over that of the one a thousand steps before its end: single
    /// readings come and go with the native allocator.</summary>
    private static double Growth(List<(int Step, double Megabytes, long Tensors)> readings, int until)
    {
        double Median(int from, int to) => ProcessMemory.Median(readings.Where(r => r.Step >= from && r.Step <= to).Select(r => r.Megabytes));

        return Median(until - Window, until) / Median(until - Steps, until - Steps + Window) - 1;
    }
}
