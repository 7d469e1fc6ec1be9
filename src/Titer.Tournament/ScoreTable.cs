using System.Collections;

namespace Titer.Tournament;

/// <summary>Rows of one length, kept as one.</summary>
/// <param name="offset">Of a table among others, which shares their bytes.</param>
internal sealed class ScoreTable(ScoreBits scores, int offset, int rows, int width) : IReadOnlyList<IReadOnlyList<double>>
{
    /// <summary>All of them, row after row.</summary>
    public ScoreRow Scores => new(scores, offset, rows * width);

    public int Count => rows;

    public int Width => width;

    public IReadOnlyList<double> this[int index] => index >= 0 && index < rows
        ? new ScoreRow(scores, offset + index * width, width)
        : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>Writes a row of a table of any kind out.</summary>
    /// <param name="target">As long as the row.</param>
    public static void CopyTo(IReadOnlyList<IReadOnlyList<double>> table, int row, Span<double> target)
    {
        if (table is ScoreTable packed)
        {
            packed.CopyTo(row, target);
            return;
        }

        var scores = table[row];
        for (var i = 0; i < target.Length; i++) target[i] = scores[i];
    }

    public IEnumerator<IReadOnlyList<double>> GetEnumerator()
    {
        for (var i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void CopyTo(int row, Span<double> target)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)rows);
        if (target.Length != width) throw new ArgumentException($"There are {width} scores, and room for {target.Length}.", nameof(target));
        scores.CopyTo(offset + row * width, target);
    }
}
