using Titer.Models.Gpt2;
using Titer.Sdk;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Models.Tests.Gpt2;

public sealed class Gpt2ModelTests
{
    [Theory]
    [InlineData("gelu_new", null, true, false)]
    [InlineData("gelu", 40, true, true)]
    [InlineData("relu", null, false, false)]
    public void Logits_equal_those_of_the_definition(string activation, int? inner, bool tied, bool inverse)
    {
        var config =
            TinyGpt2.Config with { ActivationFunction = activation, Inner = inner, TieWordEmbeddings = tied, ScaleAttnByInverseLayerIdx = inverse };
        using var model = TinyGpt2.Model(3, config);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        long[] ids = [1, 5, 9, 7, 30, 2, 11];

        var expected = PlainGpt2.Logits(config, model.Parameters.ToDictionary(p => p.Name, p => p.Tensor), ids);

        Assert.True(torch.allclose(expected, model.Forward(Tiny.Ids(ids))[0], rtol: 1e-5, atol: 1e-5));
        model.PlainAttention = true;
        Assert.True(torch.allclose(expected, model.Forward(Tiny.Ids(ids))[0], rtol: 1e-5, atol: 1e-5));
    }

    [Fact]
    public void Recomputation_gives_the_same_gradients()
    {
        using var model = TinyGpt2.Model();
        using var scope = torch.NewDisposeScope();
        var batch = Tiny.Examples().Batch([0, 1, 2]);
        FineTuner.SupervisedLoss(model, batch).backward();
        var kept = model.Arena.FlatGradient.clone();
        model.Arena.ZeroGradients();

        model.Tape = new ActivationTape();
        FineTuner.SupervisedLoss(model, batch).backward();
        model.Tape.Backward();

        Assert.True(kept.norm().item<float>() > 0);
        Assert.True(torch.allclose(kept, model.Arena.FlatGradient, rtol: 1e-5, atol: 1e-6));
    }

    [Fact]
    public void Adapters_of_both_projections_of_one_name_train_and_merge_into_transposed_weights()
    {
        using var model = TinyGpt2.Model();
        using var random = new SeededRandom(5, torch.CPU);
        using var scope = torch.NewDisposeScope();
        var (ids, batches) = (Tiny.Ids([1, 5, 9]), Tiny.Examples().Shuffle(random.Fork("b"), 4));
        var before = model.Forward(ids);
        var adapter = LoraAdapter.Attach(model, new LoraOptions { Rank = 2, Targets = ["c_attn", "c_proj"] }, random);
        Assert.Equal(12, adapter.Arena.Parameters.Select(p => p.Name).Distinct().Count());
        Assert.Contains("transformer.h.1.mlp.c_proj.lora_B", adapter.Arena.Parameters.Select(p => p.Name));
        using var optimizer = new AdamW(adapter.Arena, 0.02);
        for (var step = 0; step < 5; step++)
        {
            adapter.Arena.ZeroGradients();
            FineTuner.SupervisedLoss(model, batches.Next()).backward();
            optimizer.Step();
        }

        var adapted = model.Forward(ids);
        adapter.Merge();

        Assert.False(torch.allclose(before, adapted, atol: 1e-2));
        Assert.True(torch.allclose(adapted, model.Forward(ids), rtol: 1e-4, atol: 1e-4));
        Assert.All(model.Parameters, p => Assert.True(p.Tensor.requires_grad));
    }

    [Fact]
    public void A_target_may_be_the_end_of_a_path()
    {
        using var model = TinyGpt2.Model();
        using var random = new SeededRandom(5, torch.CPU);

        using var adapter = LoraAdapter.Attach(model, new LoraOptions { Rank = 2, Targets = ["mlp.c_proj"] }, random);

        Assert.Equal(["transformer.h.0.mlp.c_proj", "transformer.h.1.mlp.c_proj"], adapter.Targets.Select(t => t.Path));
    }

    [Fact]
    public void The_weight_of_a_projection_is_a_view_with_outputs_first()
    {
        using var model = TinyGpt2.Model();
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var projection = model.Projections[0];

        Assert.Equal([72, 24], projection.Weight.shape);
        projection.Weight.fill_(0.5);
        Assert.Equal(0.5f, model.Arena["transformer.h.0.attn.c_attn.weight"].mean().item<float>());
    }
}
