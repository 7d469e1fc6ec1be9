using Titer.Sdk.Data;
using Titer.Sdk.Models;
using static TorchSharp.torch;

namespace Titer.Defenses.Triplet;

/// <summary>The terms of Triplet. Hidden states are [layers, batch, time, hidden]; a mask is [batch, time], true at tokens that count.</summary>
public static class TripletLoss
{
    /// <summary>Of the release's KL.</summary>
    private const double ReleasedTemperature = 2;

    /// <param name="adapter">What is trained; without it the model is the one that states are compared with.</param>
    /// <param name="held">Chats whose states are to stay.</param>
    /// <param name="retained">Chats whose next tokens are to stay.</param>
    public static Tensor Compute(CausalLanguageModel model, LoraAdapter adapter, TokenBatch held, TokenBatch harmful, TokenBatch retained,
        TripletOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(adapter);
        ArgumentNullException.ThrowIfNull(options);
        var isReleased = options.Form == TripletForm.Released;
        var (benignBefore, harmfulBefore, logitsBefore) = (
            Without(adapter, () => HiddenStates.Of(model, held).States),
            Without(adapter, () => HiddenStates.Of(model, harmful).States),
            Without(adapter, () => model.Forward(retained.InputIds)));
        var (benignNow, harmfulNow) = (HiddenStates.Of(model, held).States, HiddenStates.Of(model, harmful).States);
        var (benignMask, harmfulMask) = (HiddenStates.Answers(held), HiddenStates.Answers(harmful));
        var center = Center(harmfulNow, harmfulMask);
        var (first, count) = Layers(model.Shape.Blocks, options.FirstLayerPart);
        Tensor Chosen(Tensor states) => states.narrow(0, first, count);
        var benign = isReleased
            ? Benign(benignNow, benignBefore, center, benignMask, options.MarginBenign, byLength: true)
            : Benign(Chosen(benignNow), Chosen(benignBefore), Chosen(center), benignMask, options.MarginBenign, byLength: false);
        return options.Alpha * benign
            + options.Beta * Harmful(Chosen(harmfulNow), Chosen(harmfulBefore), Chosen(center), harmfulMask, options.MarginHarmful)
            + options.Gamma * Divergence(model.Forward(retained.InputIds), logitsBefore, HiddenStates.Tokens(retained), isReleased);
    }

    /// <summary>First hidden state (0 is the embedding) of the harmful triplets, and how many: up to the last but one.</summary>
    public static (int First, int Count) Layers(int blocks, double firstPart)
    {
        var first = Math.Clamp((int)(firstPart * blocks), 0, blocks - 1);
        return (first, blocks - first);
    }

    /// <summary>Mean state of the tokens that count: [layers, 1, 1, hidden].</summary>
    public static Tensor Center(Tensor states, Tensor mask)
    {
        var weights = Weights(mask, states);
        return (states * weights).sum([1, 2], keepdim: true) / weights.sum();
    }

    /// <summary>relu(d(now, before) - (1 - cos(now, center)) + margin), mean over layers and tokens.</summary>
    /// <param name="byLength">d is the length of the difference; else 1 - cos.</param>
    public static Tensor Benign(Tensor now, Tensor before, Tensor center, Tensor mask, double margin, bool byLength)
    {
        ArgumentNullException.ThrowIfNull(now);
        var moved = byLength ? (now - before).norm(-1, keepdim: false, p: 2) : CosineDistance(now, before);
        return Mean(nn.functional.relu(moved - CosineDistance(now, center) + margin), mask);
    }

    /// <summary>relu((1 - cos(now, center)) - (1 - cos(now, before)) + margin), mean over layers and tokens.</summary>
    public static Tensor Harmful(Tensor now, Tensor before, Tensor center, Tensor mask, double margin) =>
        Mean(nn.functional.relu(CosineDistance(now, center) - CosineDistance(now, before) + margin), mask);

    /// <summary>
    /// KL(before || now) of the next token. The release softens both by a temperature of 2, multiplies by its square and sums over the tokens of a
    /// chat; TamperBench has the mean over tokens.
    /// </summary>
    /// <param name="now">[batch, time, vocabulary].</param>
    public static Tensor Divergence(Tensor now, Tensor before, Tensor mask, bool isReleased)
    {
        ArgumentNullException.ThrowIfNull(now);
        ArgumentNullException.ThrowIfNull(mask);
        var temperature = isReleased ? ReleasedTemperature : 1;
        var (p, q) = (nn.functional.log_softmax(HiddenStates.Wide(before) / temperature, -1),
            nn.functional.log_softmax(HiddenStates.Wide(now) / temperature, -1));
        var sum = ((p.exp() * (p - q)).sum(dim: -1) * mask.to(p.dtype)).sum();
        return isReleased ? sum * (temperature * temperature) / now.shape[0] : sum / mask.sum();
    }

    private static Tensor CosineDistance(Tensor a, Tensor b) => 1 - (nn.functional.normalize(a, p: 2, dim: -1, eps: 1e-12)
        * nn.functional.normalize(b, p: 2, dim: -1, eps: 1e-12)).sum(dim: -1);

    private static Tensor Mean(Tensor values, Tensor mask)
    {
        var weights = mask.to(values.dtype);
        return (values * weights).sum() / (weights.sum() * values.shape[0]);
    }

    /// <summary>[batch, time, 1].</summary>
    private static Tensor Weights(Tensor mask, Tensor states) => mask.to(states.dtype).unsqueeze(-1);

    /// <summary>What the model had before the adapter, without gradient; the factors are put back bit by bit.</summary>
    private static Tensor Without(LoraAdapter adapter, Func<Tensor> value)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var factors = adapter.Arena.Flat.clone();
        adapter.Arena.Flat.zero_();
        try
        {
            return value().MoveToOuterDisposeScope();
        }
        finally
        {
            adapter.Arena.Flat.copy_(factors);
        }
    }
}
