using TorchSharp;

namespace Titer.Models.Units;

/// <summary>The residual stream in other units: h' = scale * h axes. Norms take the scale from all that read it.</summary>
/// <param name="Axes">Orthogonal [hidden, hidden].</param>
internal sealed record ResidualStream(Tensor Axes, double Scale)
{
    /// <summary>The same axes, the longest embeddings' first.</summary>
    /// <param name="embedding">[vocabulary, hidden].</param>
    /// <param name="canFlip">An axis may point the other way: not where a norm takes the mean over the axes.</param>
    public static ResidualStream Sorted(Tensor embedding, bool canFlip)
    {
        var order = CanonicalUnits.Length(embedding, 0).argsort(0, true);
        var axes = torch.eye(embedding.shape[1], dtype: embedding.dtype, device: embedding.device).index_select(1, order);
        return new ResidualStream(canFlip ? Pointed(embedding, axes) : axes, ScaleOf(embedding));
    }

    /// <summary>The principal axes of the embeddings, the longest first.</summary>
    /// <param name="embedding">[vocabulary, hidden].</param>
    public static ResidualStream Principal(Tensor embedding)
    {
        var (_, axes) = torch.linalg.eigh(embedding.t().mm(embedding));
        return new ResidualStream(Pointed(embedding, axes.flip(1)), ScaleOf(embedding));
    }

    /// <summary>Maps that read the stream, their weights: [out, hidden].</summary>
    public Tensor Read(Tensor weight) => weight.mm(Axes);

    /// <summary>A map that reads the stream behind a norm with that gain and bias.</summary>
    public void Read(LinearMap map, Tensor gain, Tensor? bias = null)
    {
        if (bias is not null) map.Bias = map.Bias + map.Weight.mv(CanonicalUnits.Wide(bias));
        map.Weight = Read(map.Weight * CanonicalUnits.Wide(gain));
    }

    /// <summary>A map that writes to the stream.</summary>
    public void Write(LinearMap map)
    {
        map.Weight = Axes.t().mm(map.Weight) * Scale;
        map.Bias = Axes.t().mv(map.Bias) * Scale;
    }

    /// <summary>A map that reads the stream as it is: behind no norm, which would take the scale.</summary>
    public void ReadRaw(LinearMap map) => map.Weight = Read(map.Weight) / Scale;

    /// <summary>
    /// A map that writes to the stream through a norm, which takes its scale, and gains, which get the stream's. Axes that only change places and
    /// signs alone can pass the norm. Gains come out positive: the map takes the signs.
    /// </summary>
    /// <returns>The gains: [hidden].</returns>
    public Tensor Write(LinearMap map, Tensor gain)
    {
        var gains = Axes.t().abs().mv(gain) * Scale;
        var signs = CanonicalUnits.Signs(gains.unsqueeze(1));
        map.Weight = Axes.t().mm(map.Weight) * signs;
        map.Bias = Axes.t().mv(map.Bias) * signs.squeeze(1);
        return gains.abs();
    }

    /// <summary>Embeddings: [n, hidden].</summary>
    public Tensor Rows(Tensor embedding) => embedding.mm(Axes) * Scale;

    /// <summary>A gain or bias of a final norm whose output meets the embedding again: [hidden]. For axes that are the old ones.</summary>
    public Tensor Gain(Tensor gain) => Axes.t().abs().mv(gain) / Scale;

    /// <summary>Token embeddings have length 1, in the root mean square.</summary>
    private static double ScaleOf(Tensor embedding) =>
        embedding.square().sum(1).mean().item<double>() is > 0 and var square ? 1 / Math.Sqrt(square) : 1;

    /// <summary>The embedding that is largest along an axis is positive there.</summary>
    private static Tensor Pointed(Tensor embedding, Tensor axes) => axes * CanonicalUnits.Signs(embedding.mm(axes).t().contiguous()).t();
}
