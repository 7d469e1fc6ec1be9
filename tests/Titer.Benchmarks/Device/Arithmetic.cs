using Titer.Models.Llama;

namespace Titer.Benchmarks.Device;

/// <summary>Multiplications and additions that a model needs, as one counts them for a share of a device's
/// peak: what is computed again does not count.</summary>
internal static class Arithmetic
{
    /// <summary>Floating-point operations of a training step: 2 a weight and token forward, twice that
    /// backward, and causal attention's products.</summary>
    /// <param name="isLora">The weights need no gradients: backward is once forward.</param>
    public static double OfStep(long parameters, LlamaConfig config, int rows, int time, bool isLora)
    {
        // A tied embedding multiplies once, as the head; one that is not is looked up only.
        var multiplying = config.TieWordEmbeddings ? parameters : parameters - (long)config.VocabSize * config.HiddenSize;
        var passes = isLora ? 2 : 3;
        var tokens = (double)rows * time;
        // Two products of [time, head] and [time, time] a head, half of them masked.
        var attention = 2.0 * 2 * config.NumHiddenLayers * config.NumAttentionHeads * config.HeadSize * time / 2;
        return tokens * ((passes * 2.0 * multiplying) + (3 * attention));
    }
}
