using Titer.Models.Tests;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Sdk.Tests.Training;

/// <summary>Lanes do not hear each other.</summary>
public sealed class ParallelTrainingTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_threads_that_train_at_once_give_the_bits_of_training_in_turn(bool lora)
    {
        ulong[] seeds = [3, 4];
        var inTurn = seeds.Select(seed => Train(seed, lora, together: null)).ToArray();

        using var together = new Barrier(seeds.Length);
        var atOnce = await Task.WhenAll(seeds.Select(seed => Task.Factory.StartNew(() => Train(seed, lora, together), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        Assert.NotEqual(inTurn[0], inTurn[1]);
        for (var i = 0; i < seeds.Length; i++)
            Assert.Equal(inTurn[i].Select(BitConverter.SingleToInt32Bits), atOnce[i].Select(BitConverter.SingleToInt32Bits));
    }

    private static float[] Train(ulong seed, bool lora, Barrier? together)
    {
        using var model = Tiny.Model(seed);
        using var random = new SeededRandom(seed, torch.CPU);
        using var scope = torch.NewDisposeScope();
        var batches = Tiny.Examples().Shuffle(random.Fork("batches"), 4);
        together?.SignalAndWait();
        new FineTuner(new FineTunerOptions { LearningRate = 1e-2, Lora = lora ? new LoraOptions { Rank = 4 } : null })
            .Run(model, () => FineTuner.SupervisedLoss(model, batches.Next()), random, 150, () => { });
        return model.Arena.Flat.detach().cpu().data<float>().ToArray();
    }
}
