using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using static TorchSharp.torch;

namespace Titer.Defenses.Art;

/// <summary>Refusal directions of the weights as they are, and losses without one of them.</summary>
public static class Ablation
{
    /// <summary>
    /// Unit vectors, one per block: mean residual stream at the last prompt token of forbidden prompts less that of benign ones; [blocks, hidden],
    /// without gradient.
    /// </summary>
    public static Tensor Directions(CausalLanguageModel model, TokenBatch forbidden, TokenBatch benign)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var difference = Mean(model, forbidden) - Mean(model, benign);
        return (difference / difference.norm(1, keepdim: true, p: 2).clamp_min(1e-12)).MoveToOuterDisposeScope();
    }

    /// <summary>Cross-entropy while a direction ([hidden], length 1) is taken out of everything that is written into the residual stream.</summary>
    public static Tensor Loss(CausalLanguageModel model, TokenBatch batch, Tensor direction)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(batch);
        var logits = model.Forward(batch.InputIds, (_, site, value) => site == TapSite.BlockOutput
            ? value
            : value - nn.functional.linear(value, direction.unsqueeze(0)) * direction);
        return CausalLoss.CrossEntropy(logits, batch.Labels);
    }

    /// <summary>[blocks, hidden].</summary>
    private static Tensor Mean(CausalLanguageModel model, TokenBatch batch)
    {
        // The first labeled position follows the prompt's last token.
        var last = batch.Labels.not_equal(TokenBatch.IgnoredLabel).to(ScalarType.Int64).argmax(1) - 1;
        var rows = arange(last.shape[0], dtype: ScalarType.Int64, device: last.device);
        var means = new List<Tensor>();
        model.Forward(batch.InputIds, (_, site, value) =>
        {
            if (site == TapSite.BlockOutput) means.Add(value[TensorIndex.Tensor(rows), TensorIndex.Tensor(last)].mean([0]));
            return value;
        });
        return stack(means);
    }
}
