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

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, 1)]
    [InlineData(false, 4)]
    public void Cached_generation_of_ragged_prompts_equals_recomputation(bool tied, int? keyValueHeads)
    {
        using var model =
            Tiny.Model(3, Tiny.Config with { TieWordEmbeddings = tied, NumKeyValueHeads = keyValueHeads, AttentionBias = !tied, MlpBias = !tied });
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

    [Fact]
    public void A_pass_whose_gradients_a_tap_turned_on_is_charged()
    {
        using var model = Tiny.Model();
        using var scope = torch.NewDisposeScope();
        model.Meter = new BudgetMeter(new Budget());
        using var noGrad = torch.no_grad();

        var logits = model.Forward(Tiny.Ids([1, 5, 9]), (_, _, value) =>
        {
            torch.set_grad_enabled(true);
            return value;
        });
        torch.set_grad_enabled(false);

        Assert.True(logits.requires_grad);
        Assert.Equal((1, 3), (model.Meter.Samples, model.Meter.Tokens));
    }

    private static int Next(LlamaModel model, List<int> sequence)
    {
        using var scope = torch.NewDisposeScope();
        using var inference = torch.no_grad();
        var logits = model.Forward(torch.tensor(sequence.Select(i => (long)i).ToArray(), [1, sequence.Count]));
        return (int)logits[0, sequence.Count - 1].argmax().item<long>();
    }
}
