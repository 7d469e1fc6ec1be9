using System.Runtime.InteropServices;

namespace Titer.Tournament;

/// <summary>
/// Scores as they are kept, in few bytes: most metrics give few distinct values, so they are a short list of them and an index of 1 to 8 bits
/// per score. A tournament of a hundred thousand phases has two hundred million scores. Loses nothing.
/// </summary>
/// <param name="Values">The distinct values, or all of them where there are too many.</param>
/// <param name="Indices">Packed, lowest bits first.</param>
/// <param name="Bits">Of an index; 0 where there is one value, or all are written out.</param>
internal readonly record struct ScoreBits(double[] Values, byte[] Indices, byte Bits)
{
    private const int MostDistinct = 256;

    public double this[int at]
    {
        get
        {
            if (Bits == 0) return Values.Length == 1 ? Values[0] : Values[at];
            var bit = at * Bits;
            return Values[(Indices[bit >> 3] >> (bit & 7)) & ((1 << Bits) - 1)];
        }
    }

    public static ScoreBits Of(ReadOnlySpan<double> scores)
    {
        Span<double> distinct = stackalloc double[MostDistinct];
        var found = 0;
        var indices = scores.Length <= 4096 ? stackalloc byte[scores.Length] : new byte[scores.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            if (i > 0 && scores[i] == scores[i - 1] && scores[i] > 0)
            {
                indices[i] = indices[i - 1];
                continue;
            }

            // Bits, not values: minus zero and NaN are values like others.
            var at = MemoryMarshal.Cast<double, long>(distinct[..found]).IndexOf(BitConverter.DoubleToInt64Bits(scores[i]));
            if (at < 0)
            {
                if (found == MostDistinct) return new ScoreBits(scores.ToArray(), [], 0);
                distinct[at = found++] = scores[i];
            }

            indices[i] = (byte)at;
        }

        return Of(distinct[..found].ToArray(), indices);
    }

    /// <param name="distinct">Up to 256 values.</param>
    /// <param name="indices">Which of them each score is.</param>
    public static ScoreBits Of(double[] distinct, ReadOnlySpan<byte> indices)
    {
        byte bits = distinct.Length switch { <= 1 => 0, 2 => 1, <= 4 => 2, <= 16 => 4, _ => 8 };
        if (bits == 0) return new ScoreBits(distinct, [], 0);
        var packed = new byte[(indices.Length * bits + 7) / 8];
        for (var i = 0; i < indices.Length; i++) packed[i * bits >> 3] |= (byte)(indices[i] << (i * bits & 7));
        return new ScoreBits(distinct, packed, bits);
    }

    /// <summary>Writes some of them out.</summary>
    public void CopyTo(int from, Span<double> scores)
    {
        var (values, indices, bits, mask) = (Values, Indices, Bits, (1 << Bits) - 1);
        if (bits > 0)
        {
            for (var (i, bit) = (0, from * bits); i < scores.Length; i++, bit += bits)
                scores[i] = values[(indices[bit >> 3] >> (bit & 7)) & mask];
        }
        else if (values.Length == 1)
        {
            scores.Fill(values[0]);
        }
        else
        {
            values.AsSpan(from, scores.Length).CopyTo(scores);
        }
    }
}
