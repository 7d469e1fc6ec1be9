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

    /// <summary>Rows one behind another; null where they have too many distinct values to be kept in bits.</summary>
    public static ScoreBits? Joined(ReadOnlySpan<ScoreRow> rows, SharedScores shared)
    {
        Span<double> distinct = stackalloc double[MostDistinct];
        Span<byte> places = stackalloc byte[MostDistinct];
        using var indices = new LentBuffer<byte>();
        var found = 0;
        foreach (var row in rows)
        {
            var scores = row.Scores;
            if (scores.Bits == 0 && scores.Values.Length != 1) return null;
            for (var v = 0; v < scores.Values.Length; v++)
            {
                var at = MemoryMarshal.Cast<double, long>(distinct[..found]).IndexOf(BitConverter.DoubleToInt64Bits(scores.Values[v]));
                if (at < 0)
                {
                    if (found == MostDistinct) return null;
                    distinct[at = found++] = scores.Values[v];
                }

                places[v] = (byte)at;
            }

            scores.CopyIndices(row.Offset, indices.Room(row.Count), places);
        }

        return Of(shared.Of(distinct[..found]), indices.Span);
    }

    /// <param name="places">Where each of the values is now.</param>
    private void CopyIndices(int from, Span<byte> target, ReadOnlySpan<byte> places)
    {
        var (indices, bits, mask) = (Indices, Bits, (1 << Bits) - 1);
        if (bits == 0)
        {
            target.Fill(places[0]);
            return;
        }

        for (var (i, bit) = (0, from * bits); i < target.Length; i++, bit += bits)
            target[i] = places[(indices[bit >> 3] >> (bit & 7)) & mask];
    }

    /// <summary>Writes some of them out.</summary>
    public void CopyTo(int from, Span<double> scores)
    {
        var (values, indices, bits, mask) = (Values, Indices, Bits, (1 << Bits) - 1);
        if (bits > 0)
        {
            var (i, bit) = (0, from * bits);
            // Four of two bits are a byte, and most metrics give so few grades.
            for (; bits == 2 && (bit & 7) == 0 && i <= scores.Length - 4; i += 4, bit += 8)
            {
                int four = indices[bit >> 3];
                scores[i] = values[four & 3];
                scores[i + 1] = values[(four >> 2) & 3];
                scores[i + 2] = values[(four >> 4) & 3];
                scores[i + 3] = values[four >> 6];
            }

            for (; i < scores.Length; i++, bit += bits) scores[i] = values[(indices[bit >> 3] >> (bit & 7)) & mask];
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
