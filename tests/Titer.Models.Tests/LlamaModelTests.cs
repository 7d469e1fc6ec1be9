using Titer.Models.Generation;
using Titer.Models.Llama;
using Titer.Sdk;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Models.Tests;

public sealed class LlamaModelTests
{
    [Fact]
    public void Plain_attention_equals_the_fused_kernel()
    {
        using var model = Tiny.Model();
        using var scope = torch.NewDisposeScope();
        var ids = Tiny.Ids([1, 5, 9, 7], [1, 8, 3, 30]);

        var fused = model.Forward(ids);
        model.PlainAttention = true;

        Assert.True(torch.allclose(fused, model.Forward(ids), atol: 1e-5));
    }

    [Fact]
    public void Second_derivatives_exist_with_plain_attention()
    {
        using var model = Tiny.Model();
        using var scope = torch.NewDisposeScope();
        model.PlainAttention = true;
        var loss = FineTuner.SupervisedLoss(model, Tiny.Examples().Batch([0, 1]));
        var weight = model.Projections[0].Weight;

        var gradient = torch.autograd.grad([loss], [weight], retain_graph: true, create_graph: true)[0];
        var second = torch.autograd.grad([gradient.square().sum()], [weight])[0];

        Assert.True(second.norm().item<float>() > 0);
    }

    [Fact]
    public void Taps_see_every_output_of_every_block_in_order()
    {
        using var model = Tiny.Model();
        using var scope = torch.NewDisposeScope();
        var seen = new List<(int, TapSite)>();

        model.Forward(Tiny.Ids([1, 5, 9]), (block, site, value) =>
        {
            Assert.Equal([1, 3, 24], value.shape);
            seen.Add((block, site));
            return value;
        });

        Assert.Equal(
            [(0, TapSite.Embedding), (0, TapSite.AttentionOutput), (0, TapSite.MlpOutput), (0, TapSite.BlockOutput), (1, TapSite.AttentionOutput), (1, TapSite.MlpOutput), (1, TapSite.BlockOutput)],
            seen);
    }

    [Theory]
    [InlineData(TapSite.Embedding)]
    [InlineData(TapSite.AttentionOutput)]
    [InlineData(TapSite.MlpOutput)]
    [InlineData(TapSite.BlockOutput)]
    public void A_tap_that_perturbs_changes_the_logits(TapSite where)
    {
        using var model = Tiny.Model();
        using var scope = torch.NewDisposeScope();
        var ids = Tiny.Ids([1, 5, 9]);

        var perturbed = model.Forward(ids, (_, site, value) => site == where ? value + 0.5 : value);

        Assert.False(torch.allclose(model.Forward(ids), perturbed, atol: 1e-3));
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, 1)]
    [InlineData(false, 4)]
    public void Cached_generation_of_ragged_prompts_equals_recomputation(bool tied, int? keyValueHeads)
    {
        using var model = Tiny.Model(3, Tiny.Config with { TieWordEmbeddings = tied, NumKeyValueHeads = keyValueHeads, AttentionBias = !tied, MlpBias = !tied });
        int[][] prompts = [[1, 5, 9, 7, 11], [1], [1, 30, 2]];

        var answers = TextGenerator.Greedy(model, prompts, 8, endId: -1, padId: 0);

        for (var row = 0; row < prompts.Length; row++)
        {
            var sequence = prompts[row].ToList();
            for (var t = 0; t < 8; t++) sequence.Add(Next(model, sequence));
            Assert.Equal(sequence.Skip(prompts[row].Length), answers[row]);
        }
    }

    [Fact]
    public void Generation_stops_at_the_end_token_and_leaves_it_out()
    {
        using var model = Tiny.Model(3);
        var free = TextGenerator.Greedy(model, [[1, 5, 9]], 6, endId: -1, padId: 0)[0];

        var stopped = TextGenerator.Greedy(model, [[1, 5, 9]], 6, endId: free[2], padId: 0)[0];

        Assert.Equal(free.TakeWhile(t => t != free[2]), stopped);
    }

    [Fact]
    public void Padding_on_the_right_does_not_change_the_loss()
    {
        using var model = Tiny.Model();
        using var scope = torch.NewDisposeScope();
        var set = Tiny.Examples();

        var alone = FineTuner.SupervisedLoss(model, set.Batch([3])).item<float>();
        var padded = FineTuner.SupervisedLoss(model, Sdk.Data.TokenBatch.From([set[3]], 0, torch.CPU, length: 20)).item<float>();

        Assert.Equal(alone, padded, 1e-5f);
    }

    [Fact]
    public void Too_long_a_sequence_is_refused_with_the_limit()
    {
        using var model = Tiny.Model();
        using var scope = torch.NewDisposeScope();

        var e = Assert.Throws<ArgumentException>(() => model.Forward(torch.zeros([1, 33], dtype: ScalarType.Int64)));

        Assert.Contains("time <= 32", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Forward_passes_with_gradients_are_charged_and_others_are_not()
    {
        using var model = Tiny.Model();
        using var scope = torch.NewDisposeScope();
        model.Meter = new BudgetMeter(new Budget { Samples = 3 });
        var ids = Tiny.Ids([1, 5, 9], [1, 6, 9]);

        model.Forward(ids);
        using (torch.no_grad()) model.Forward(ids);

        Assert.Equal((2, 6), (model.Meter.Samples, model.Meter.Tokens));
        Assert.Throws<BudgetExceededException>(() => model.Forward(ids));
    }

    private static int Next(LlamaModel model, List<int> sequence)
    {
        using var scope = torch.NewDisposeScope();
        using var inference = torch.no_grad();
        var logits = model.Forward(torch.tensor(sequence.Select(i => (long)i).ToArray(), [1, sequence.Count]));
        return (int)logits[0, sequence.Count - 1].argmax().item<long>();
    }
}
