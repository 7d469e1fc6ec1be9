using Titer.Models.Attention;

namespace Titer.Models.Llama;

/// <summary>The rotary angles of one forward pass.</summary>
internal sealed class Rotation
{
    private readonly Tensor _cosine;
    private readonly Tensor _sine;

    public Rotation(RotaryTables tables, AttentionPass pass) => (_cosine, _sine) = pass.Positions is { } positions
        ? (tables.Cosine.index(positions).unsqueeze(1), tables.Sine.index(positions).unsqueeze(1))
        : (tables.Cosine.narrow(0, 0, pass.Time), tables.Sine.narrow(0, 0, pass.Time));

    /// <summary>Rotates queries or keys: [batch, heads, time, size].</summary>
    public Tensor Apply(Tensor x)
    {
        // The halves change places; the sign of the turned half is in the table.
        return x * _cosine + x.roll(x.shape[3] / 2, 3) * _sine;
    }
}
