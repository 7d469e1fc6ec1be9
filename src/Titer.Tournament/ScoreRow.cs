using System.Collections;
using System.Runtime.InteropServices;

namespace Titer.Tournament;

/// <summary>
/// Scores as they are kept, in few bytes: most metrics give few distinct values, so a row is a short list of them and an index of 1 to 8 bits
/// per score. A tournament of a hundred thousand phases has two hundred million scores. Loses nothing.
/// </summary>
internal sealed class ScoreRow : IReadOnlyList<double>
{
    private const int MostDistinct = 256;

    /// <summary>The distinct values, or all of them where there are too many.</summary>
    private readonly double[] _values;
    private readonly byte[] _indices;
    private readonly byte _bits;

    /// <summary>Of a row of a table, which shares its bytes.</summary>
    private readonly int _offset;

    private ScoreRow(double[] values, byte[] indices, byte bits, int offset, int count) =>
        (_values, _indices, _bits, _offset, Count) = (values, indices, bits, offset, count);

    public int Count { get; }

    public double this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count);
            var at = _offset + index;
            if (_bits == 0) return _values.Length == 1 ? _values[0] : _values[at];
            var bit = at * _bits;
            return _values[(_indices[bit >> 3] >> (bit & 7)) & ((1 << _bits) - 1)];
        }
    }

    public static ScoreRow Of(ReadOnlySpan<double> scores)
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
                if (found == MostDistinct) return new ScoreRow(scores.ToArray(), [], 0, 0, scores.Length);
                distinct[at = found++] = scores[i];
            }

            indices[i] = (byte)at;
        }

        return Of(distinct[..found].ToArray(), indices);
    }

    /// <param name="distinct">Up to 256 values.</param>
    /// <param name="indices">Which of them each score is.</param>
    public static ScoreRow Of(double[] distinct, ReadOnlySpan<byte> indices)
    {
        byte bits = distinct.Length switch { <= 1 => 0, 2 => 1, <= 4 => 2, <= 16 => 4, _ => 8 };
        var packed = new byte[(indices.Length * bits + 7) / 8];
        for (var i = 0; bits > 0 && i < indices.Length; i++) packed[i * bits >> 3] |= (byte)(indices[i] << (i * bits & 7));
        return new ScoreRow(distinct, packed, bits, 0, indices.Length);
    }

    /// <summary>Whether a question is answered with yes for all of them; asked once of each distinct value.</summary>
    public bool All(Func<double, bool> question)
    {
        foreach (var value in _values)
        {
            if (!question(value)) return Enumerable.All(this, question);
        }

        return true;
    }

    /// <summary>Writes them out.</summary>
    public void CopyTo(Span<double> scores)
    {
        if (scores.Length != Count) throw new ArgumentException($"There are {Count} scores, and room for {scores.Length}.", nameof(scores));
        var (values, indices, bits, mask) = (_values, _indices, _bits, (1 << _bits) - 1);
        if (bits > 0)
        {
            for (var (i, bit) = (0, _offset * bits); i < scores.Length; i++, bit += bits)
                scores[i] = values[(indices[bit >> 3] >> (bit & 7)) & mask];
        }
        else if (values.Length == 1)
        {
            scores.Fill(values[0]);
        }
        else
        {
            values.AsSpan(_offset, Count).CopyTo(scores);
        }
    }

    /// <summary>Writes a row of any kind out.</summary>
    public static void CopyTo(IReadOnlyList<double> row, Span<double> scores)
    {
        if (row is ScoreRow packed)
        {
            packed.CopyTo(scores);
            return;
        }

        for (var i = 0; i < scores.Length; i++) scores[i] = row[i];
    }

    /// <summary>A part of it, which shares its bytes.</summary>
    public ScoreRow Slice(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, Count);
        return new ScoreRow(_values, _indices, _bits, _offset + start, count);
    }

    public IEnumerator<double> GetEnumerator()
    {
        for (var i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Rows of one length, kept as one.</summary>
internal sealed class ScoreTable(ScoreRow scores, int rows) : IReadOnlyList<IReadOnlyList<double>>
{
    /// <summary>Rows of a table that was read as one; those of unlike lengths are kept as they are, for whoever checks them to see.</summary>
    /// <param name="ends">Where each row ends in <paramref name="all"/>.</param>
    public static IReadOnlyList<IReadOnlyList<double>> Of(ScoreRow all, IReadOnlyList<int> ends)
    {
        var width = ends.Count > 0 ? ends[0] : 0;
        var even = 0;
        while (even < ends.Count && ends[even] == (even + 1) * width) even++;
        if (width > 0 && even == ends.Count) return new ScoreTable(all, ends.Count);
        return [.. ends.Select((end, r) => all.Slice(end - LengthOf(r), LengthOf(r)))];

        int LengthOf(int row) => ends[row] - (row == 0 ? 0 : ends[row - 1]);
    }

    /// <summary>All of them, row after row.</summary>
    public ScoreRow Scores => scores;

    public int Count => rows;

    public IReadOnlyList<double> this[int index] => index >= 0 && index < rows
        ? scores.Slice(index * (scores.Count / rows), scores.Count / rows)
        : throw new ArgumentOutOfRangeException(nameof(index));

    public IEnumerator<IReadOnlyList<double>> GetEnumerator()
    {
        for (var i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
