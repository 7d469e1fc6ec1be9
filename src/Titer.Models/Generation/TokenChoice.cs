using Titer.Sdk;
using TorchSharp;

namespace Titer.Models.Generation;

/// <summary>Picks the next token of every row.</summary>
internal interface ITokenChoice : IDisposable
{
    /// <param name="logits">[rows, vocabulary].</param>
    /// <param name="rows">Which prompt of the batch each row is.</param>
    /// <returns>Token ids: int64 [rows], on the logits' device.</returns>
    Tensor Next(Tensor logits, int[] rows);
}

/// <summary>The likeliest one.</summary>
internal sealed class GreedyChoice : ITokenChoice
{
    public Tensor Next(Tensor logits, int[] rows) => logits.argmax(-1);

    public void Dispose()
    {
    }
}

/// <summary>One drawn by the inverse of the cumulative distribution, with one number per token from the prompt's own stream.</summary>
internal sealed class SampledChoice(SamplingOptions options, ulong[] seeds) : ITokenChoice
{
    private readonly SeededRandom[] _streams = [.. seeds.Select(seed => new SeededRandom(seed))];

    public Tensor Next(Tensor logits, int[] rows)
    {
        // Less the largest, a small temperature cannot overflow.
        var scaled = logits.to(ScalarType.Float32);
        scaled = (scaled - scaled.amax([-1], keepdim: true)) / options.Temperature;
        var (ordered, tokens) = options.TopK < scaled.shape[1]
            ? scaled.topk(options.TopK.Value, -1, largest: true, sorted: true)
            : scaled.sort(-1, descending: true, stable: true);
        var chance = torch.nn.functional.softmax(ordered.to(ScalarType.Float64), -1);
        // A token is in the nucleus when those before it do not reach the sum.
        var isKept = chance.cumsum(-1) - chance < options.TopP;
        var upTo = torch.where(isKept, chance, torch.zeros_like(chance)).cumsum(-1);
        var drawn = torch.tensor(rows.Select(row => _streams[row].NextDouble()).ToArray(), [rows.Length, 1], device: logits.device) * upTo.narrow(1,
            upTo.shape[1] - 1, 1);
        // Rounding could reach past the last kept one; weights that are not finite keep none.
        var place = torch.minimum((upTo <= drawn).sum(-1, keepdim: true), isKept.sum(-1, keepdim: true) - 1).clamp_min(0);
        return tokens.gather(1, place).squeeze(1);
    }

    public void Dispose()
    {
        foreach (var stream in _streams) stream.Dispose();
    }
}
