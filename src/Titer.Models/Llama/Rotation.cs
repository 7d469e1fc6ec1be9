using Titer.Models.Attention;
using TorchSharp;

namespace Titer.Models.Llama;

/// <summary>The rotary angles of one forward pass.</summary>
internal sealed class Rotation
{
    private readonly Tensor _cosine;
    private readonly Tensor _sine;

    public Rotation(RotaryTables tables, AttentionPass pass) => (_cosine, _sine) = pass.Positions is { } positions
        ? (tables.Cosine.index(positions).unsqueeze(1), tables.Sine.index(positions).unsqueeze(1))
        : (tables.Cosine.narrow(0, 0, pass.Time), tables.Sine.narrow(0, 0, pass.Time));

    /// <summary>Rotates queries or keys: [batch, heads, time, size]. Dimensions behind those that turn pass.</summary>
    public Tensor Apply(Tensor x)
    {
        var (size, turning) = (x.shape[3], _cosine.shape[^1]);
        if (turning == size) return Turned(x);
        return torch.cat([Turned(x.narrow(3, 0, turning)), x.narrow(3, turning, size - turning)], 3);
    }

    // The halves change places; the sign of the turned half is in the table.
    private Tensor Turned(Tensor x) => x * _cosine + x.roll(x.shape[3] / 2, 3) * _sine;
}
