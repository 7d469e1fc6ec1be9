using Titer.Models.Generation;
using Titer.Models.Tests;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Sdk.Tests;

/// <summary>What cannot be done is refused with its code, before anything is computed.</summary>
public sealed class RefusalTests
{
    [Fact]
    public void Nothing_can_be_drawn_from_an_empty_data_set()
    {
        using var random = new SeededRandom(5, torch.CPU);

        var refusal = Assert.Throws<InvalidOperationException>(() => Tiny.Examples(0).Shuffle(random, 4));

        Assert.StartsWith("TITER301", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_takes_one_adapter_at_a_time()
    {
        using var model = Tiny.Model();
        using var random = new SeededRandom(5, torch.CPU);
        using var adapter = LoraAdapter.Attach(model, new LoraOptions { Rank = 2 }, random);

        var refusal = Assert.Throws<ArgumentException>(() => LoraAdapter.Attach(model, new LoraOptions { Rank = 2 }, random));

        Assert.StartsWith("TITER304", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_prompt_without_room_for_its_answer_is_refused()
    {
        using var model = Tiny.Model();

        var refusal = Assert.Throws<ArgumentException>(() => TextGenerator.Greedy(model, [[1, 5, 9]], model.Shape.MaxLength, endId: -1, padId: 0));

        Assert.StartsWith("TITER430", refusal.Message, StringComparison.Ordinal);
    }
}
