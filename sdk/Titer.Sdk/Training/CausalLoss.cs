using Titer.Sdk.Data;
using TorchSharp;

namespace Titer.Sdk.Training;

/// <summary>Next-token losses.</summary>
public static class CausalLoss
{
    /// <summary>Mean cross-entropy of the next token over labeled positions, in nats.</summary>
    /// <param name="logits">[batch, time, vocabulary].</param>
    /// <param name="labels">int64 [batch, time], aligned with the inputs.</param>
    public static Tensor CrossEntropy(Tensor logits, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        var time = logits.shape[1];
        return torch.nn.functional.cross_entropy(
            Wide(logits.narrow(1, 0, time - 1).reshape(-1, logits.shape[2])),
            labels.narrow(1, 1, time - 1).reshape(-1),
            ignore_index: TokenBatch.IgnoredLabel);
    }

    /// <summary>Logits of 16 bits in float32: a softmax over a vocabulary needs the range.</summary>
    internal static Tensor Wide(Tensor logits) => logits.dtype is ScalarType.Float32 or ScalarType.Float64 ? logits : logits.to(ScalarType.Float32);
}
