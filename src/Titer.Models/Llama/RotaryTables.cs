using Titer.Sdk;
using TorchSharp;

namespace Titer.Models.Llama;

/// <summary>Cosines and sines of rotary position embedding (Su et al. 2021, arXiv 2104.09864), Hugging Face's half-split layout.</summary>
internal sealed class RotaryTables : IDisposable
{
    /// <param name="isLocal">Of blocks with a window, where they turn by a base of their own.</param>
    public RotaryTables(LlamaConfig config, DeviceContext device, bool isLocal = false)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var (size, theta, rope) = (config.RotarySize, isLocal ? config.LocalTheta : config.Theta, isLocal ? null : config.Rope);
        var frequency = torch.pow(theta, torch.arange(0, size / 2, dtype: ScalarType.Float64) * (-2.0 / size));
        if (rope is not null) frequency = torch.tensor(frequency.data<double>().Select(rope.Scale).ToArray(), dtype: ScalarType.Float64);
        var angle = torch.outer(torch.arange(0, config.ToShape().MaxLength, dtype: ScalarType.Float64), frequency);
        var stretch = rope is { IsLongRope: true } ? Stretch(config, rope) : 1;
        var both = torch.cat([angle, angle], 1);
        Cosine = (both.cos() * stretch).to(device.DataType).to(device.Device).DetachFromDisposeScope();
        var sine = angle.sin() * stretch;
        Sine = torch.cat([sine.neg(), sine], 1).to(device.DataType).to(device.Device).DetachFromDisposeScope();
    }

    /// <summary>[positions, dimensions that turn].</summary>
    public Tensor Cosine { get; }

    /// <summary>[positions, dimensions that turn], the first half negative: it multiplies the halves in each other's place.</summary>
    public Tensor Sine { get; }

    public void Dispose()
    {
        Cosine.Dispose();
        Sine.Dispose();
    }

    /// <summary>LongRoPE's factor of queries and keys: sqrt(1 + ln(longer / original) / ln(original)).</summary>
    private static double Stretch(LlamaConfig config, RopeSettings rope)
    {
        if (rope.AttentionFactor is { } own) return own;
        var original = config.OriginalLength ?? config.MaxPositionEmbeddings;
        var longer = config.OriginalLength is null ? rope.Factor : config.MaxPositionEmbeddings / original;
        return longer <= 1 ? 1 : Math.Sqrt(1 + Math.Log(longer) / Math.Log(original));
    }
}
