using Titer.Sdk.Data;
using Titer.Sdk.Models;
using static TorchSharp.torch;

namespace Titer.Defenses;

/// <summary>
/// What a model thinks at every layer, for defenses that hold or move representations. Compiled into each of them, since a plugin is one assembly:
/// <c>&lt;Compile Include="../HiddenStates.cs" /&gt;</c>.
/// </summary>
internal static class HiddenStates
{
    /// <summary>
    /// Logits [batch, time, vocabulary], and [blocks + 1, batch, time, hidden]: the embeddings, and what each block leaves in the residual stream,
    /// the last one normed (as Transformers' <c>output_hidden_states</c>).
    /// </summary>
    public static (Tensor Logits, Tensor States) Of(CausalLanguageModel model, TokenBatch batch)
    {
        var states = new List<Tensor>();
        var logits = model.Forward(batch.InputIds, (_, site, value) =>
        {
            if (site is TapSite.Embedding or TapSite.BlockOutput) states.Add(value);
            return value;
        });
        states[^1] = model.FinalNorm(states[^1]);
        return (logits, stack(states));
    }

    /// <summary>True where a token is part of the answer: [batch, time].</summary>
    public static Tensor Answers(TokenBatch batch) => batch.Labels.not_equal(TokenBatch.IgnoredLabel);

    /// <summary>True where a token is no padding: [batch, time]. A chat ends with a token of the answer.</summary>
    public static Tensor Tokens(TokenBatch batch) => Answers(batch).to(ScalarType.Int64).flip(1).cumsum(1).flip(1).greater(0);

    /// <summary>Probabilities need the range of float32.</summary>
    public static Tensor Wide(Tensor logits) => logits.dtype is ScalarType.Float32 or ScalarType.Float64 ? logits : logits.to(ScalarType.Float32);
}
