using System.Collections;

namespace Titer.Tournament;

/// <summary>Scores of one thing after another, in few bytes.</summary>
internal sealed class ScoreRow : IReadOnlyList<double>
{
    private readonly ScoreBits _scores;

    /// <summary>Of a row of a table, which shares its bytes.</summary>
    private readonly int _offset;

    internal ScoreRow(ScoreBits scores, int offset, int count) => (_scores, _offset, Count) = (scores, offset, count);

    public int Count { get; }

    internal ScoreBits Scores => _scores;

    internal int Offset => _offset;

    public double this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count);
            return _scores[_offset + index];
        }
    }

    public static ScoreRow Of(ReadOnlySpan<double> scores) => new(ScoreBits.Of(scores), 0, scores.Length);

    /// <inheritdoc cref="ScoreBits.Of(double[], ReadOnlySpan{byte})"/>
    public static ScoreRow Of(double[] distinct, ReadOnlySpan<byte> indices) => new(ScoreBits.Of(distinct, indices), 0, indices.Length);

    /// <summary>Whether a question is answered with yes for all of them; asked once of each distinct value.</summary>
    public bool All(Func<double, bool> question)
    {
        foreach (var value in _scores.Values)
        {
            if (!question(value)) return Enumerable.All(this, question);
        }

        return true;
    }

    /// <summary>Mean of a row of any kind, summed in its order.</summary>
    public static double Mean(IReadOnlyList<double> row)
    {
        if (row is not ScoreRow packed) return row.Average();
        var scores = packed.Count <= CountedHarm.MostOnStack ? stackalloc double[packed.Count] : new double[packed.Count];
        packed._scores.CopyTo(packed._offset, scores);
        var sum = 0.0;
        foreach (var score in scores) sum += score;
        return sum / packed.Count;
    }

    /// <summary>A part of it, which shares its bytes.</summary>
    public ScoreRow Slice(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, Count);
        return new ScoreRow(_scores, _offset + start, count);
    }

    /// <summary>Rows of a table that was read as one; those of unlike lengths are kept as they are, for whoever checks them to see.</summary>
    /// <param name="ends">Where each row ends.</param>
    public IReadOnlyList<IReadOnlyList<double>> Rows(ReadOnlySpan<int> ends)
    {
        var width = ends.Length > 0 ? ends[0] : 0;
        var even = 0;
        while (even < ends.Length && ends[even] == (even + 1) * width) even++;
        if (width > 0 && even == ends.Length) return new ScoreTable(_scores, _offset, ends.Length, width);
        var (rows, start) = (new IReadOnlyList<double>[ends.Length], 0);
        for (var r = 0; r < rows.Length; start = ends[r++]) rows[r] = Slice(start, ends[r] - start);
        return rows;
    }

    public IEnumerator<double> GetEnumerator()
    {
        for (var i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
