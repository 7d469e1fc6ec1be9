using Titer.Sdk;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Models.Tests;

public sealed class LoraAdapterTests
{
    [Fact]
    public void A_fresh_adapter_changes_nothing_and_freezes_the_base()
    {
        using var model = Tiny.Model();
        using var random = new SeededRandom(5, torch.CPU);
        using var scope = torch.NewDisposeScope();
        var ids = Tiny.Ids([1, 5, 9]);
        var before = model.Forward(ids);

        using var adapter = LoraAdapter.Attach(model, new LoraOptions { Rank = 2 }, random);

        Assert.True(torch.allclose(before, model.Forward(ids), atol: 1e-6));
        Assert.All(model.Parameters, p => Assert.False(p.Tensor.requires_grad));
    }

    [Fact]
    public void Merging_gives_the_trained_adapters_outputs()
    {
        using var model = Tiny.Model();
        using var random = new SeededRandom(5, torch.CPU);
        var batches = Tiny.Examples().Shuffle(random.Fork("b"), 4);
        using var scope = torch.NewDisposeScope();
        var ids = Tiny.Ids([1, 5, 9]);
        var adapter = LoraAdapter.Attach(model, new LoraOptions { Rank = 2, Targets = ["q_proj", "down_proj"] }, random);
        using var optimizer = new AdamW(adapter.Arena, 0.05);
        for (var step = 0; step < 5; step++)
        {
            adapter.Arena.ZeroGradients();
            FineTuner.SupervisedLoss(model, batches.Next()).backward();
            optimizer.Step();
        }

        var adapted = model.Forward(ids);
        adapter.Merge();

        Assert.True(torch.allclose(adapted, model.Forward(ids), atol: 1e-4));
        Assert.All(model.Parameters, p => Assert.True(p.Tensor.requires_grad));
        Assert.All(model.Projections, p => Assert.Null(p.Adapter));
    }

    [Fact]
    public void An_unknown_target_is_refused_with_the_known_ones()
    {
        using var model = Tiny.Model();
        using var random = new SeededRandom(5, torch.CPU);

        var e = Assert.Throws<ArgumentException>(() => LoraAdapter.Attach(model, new LoraOptions { Targets = ["qproj"] }, random));

        Assert.StartsWith("TITER303 The model has no projection 'qproj'. It has: q_proj, k_proj", e.Message, StringComparison.Ordinal);
    }
}
