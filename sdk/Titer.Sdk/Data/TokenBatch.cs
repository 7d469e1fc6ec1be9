using TorchSharp;

namespace Titer.Sdk.Data;

/// <summary>
/// Sequences padded on the right to one length. Attention is causal, so padding never reaches a real token; padding and prompt
/// positions are <see cref="IgnoredLabel"/> in <see cref="Labels"/>. Its tensors belong to the dispose scope it was made in.
/// </summary>
public sealed class TokenBatch
{
    /// <summary>Label of a position without loss.</summary>
    public const long IgnoredLabel = -100;

    /// <param name="inputIds">int64 [batch, time].</param>
    /// <param name="labels">int64 [batch, time], aligned with the inputs (not shifted).</param>
    public TokenBatch(Tensor inputIds, Tensor labels) => (InputIds, Labels) = (inputIds, labels);

    /// <summary>int64 [batch, time].</summary>
    public Tensor InputIds { get; }

    /// <summary>int64 [batch, time], aligned with the inputs: the loss at time t compares logits at t with the label at t + 1.</summary>
    public Tensor Labels { get; }

    /// <summary>The label that the logits at each position are compared with; none at the last: int64 [batch, time].</summary>
    internal Tensor NextLabels() =>
        torch.cat([Labels.narrow(1, 1, Labels.shape[1] - 1), torch.full_like(Labels.narrow(1, 0, 1), IgnoredLabel)], 1);

    /// <summary>Positions that have a loss.</summary>
    internal long CountLabels()
    {
        using var scope = torch.NewDisposeScope();
        return Labels.narrow(1, 1, Labels.shape[1] - 1).not_equal(IgnoredLabel).sum().item<long>();
    }

    /// <summary>Views of at most so many slices of about equal numbers of rows.</summary>
    internal IReadOnlyList<TokenBatch> Split(int slices) =>
        [.. InputIds.chunk(slices, 0).Zip(Labels.chunk(slices, 0), (ids, labels) => new TokenBatch(ids, labels))];

    /// <summary>Pads examples to the longest of them, or to <paramref name="length"/>.</summary>
    public static TokenBatch From(IReadOnlyList<TokenizedExample> examples, long padId, Device device, int length = 0)
    {
        ArgumentNullException.ThrowIfNull(examples);
        if (length == 0) length = examples.Max(e => e.Tokens.Length);
        var ids = new long[examples.Count * length];
        var labels = new long[ids.Length];
        Array.Fill(ids, padId);
        Array.Fill(labels, IgnoredLabel);
        for (var row = 0; row < examples.Count; row++)
        {
            var tokens = examples[row].Tokens;
            for (var t = 0; t < tokens.Length; t++)
            {
                ids[row * length + t] = tokens[t];
                if (t >= examples[row].PromptLength) labels[row * length + t] = tokens[t];
            }
        }

        return new TokenBatch(
            torch.tensor(ids, [examples.Count, length], device: device),
            torch.tensor(labels, [examples.Count, length], device: device));
    }
}

/// <summary>Harmful answers and refusals to the same prompts, row by row, padded to one common length.</summary>
public sealed record PairedBatch(TokenBatch Harmful, TokenBatch Refusal);
