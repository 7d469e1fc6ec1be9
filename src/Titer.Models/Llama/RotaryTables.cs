using Titer.Sdk;
using TorchSharp;

namespace Titer.Models.Llama;

/// <summary>Cosines and sines of rotary position embedding (Su et al. 2021, arXiv 2104.09864), Hugging Face's half-split layout.</summary>
internal sealed class RotaryTables : IDisposable
{
    public RotaryTables(LlamaConfig config, DeviceContext device)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var half = config.HeadSize / 2;
        var frequency = torch.pow(config.Theta, torch.arange(0, half, dtype: ScalarType.Float64) * (-2.0 / config.HeadSize));
        if (config.Rope is { } rope) frequency = torch.tensor(frequency.data<double>().Select(rope.Scale).ToArray(), dtype: ScalarType.Float64);
        var angle = torch.outer(torch.arange(0, config.MaxPositionEmbeddings, dtype: ScalarType.Float64), frequency);
        var both = torch.cat([angle, angle], 1);
        Cosine = both.cos().to(device.DataType).to(device.Device).DetachFromDisposeScope();
        var sine = angle.sin();
        Sine = torch.cat([sine.neg(), sine], 1).to(device.DataType).to(device.Device).DetachFromDisposeScope();
    }

    /// <summary>[positions, head size].</summary>
    public Tensor Cosine { get; }

    /// <summary>[positions, head size], the first half negative: it multiplies the halves in each other's place.</summary>
    public Tensor Sine { get; }

    public void Dispose()
    {
        Cosine.Dispose();
        Sine.Dispose();
    }
}
