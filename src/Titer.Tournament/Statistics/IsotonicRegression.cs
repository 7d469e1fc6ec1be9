namespace Titer.Tournament.Statistics;

/// <summary>The nearest rising sequence, by weighted squares: pools neighbors that fall (Ayer et al. 1955, Ann. Math. Stat. 26, 641-647).</summary>
internal static class IsotonicRegression
{
    /// <param name="values">Become the rising ones.</param>
    /// <param name="weights">Above zero, one for each value.</param>
    public static void Of(Span<double> values, ReadOnlySpan<double> weights)
    {
        // Blocks so far: where each begins, its mean and its weight.
        Span<(int Start, double Mean, double Weight)> blocks = new (int, double, double)[values.Length];
        var count = 0;
        for (var i = 0; i < values.Length; i++)
        {
            var block = (Start: i, Mean: values[i], Weight: weights[i]);
            for (; count > 0 && blocks[count - 1].Mean >= block.Mean; count--)
            {
                var (start, mean, weight) = blocks[count - 1];
                var both = weight + block.Weight;
                block = (start, (mean * weight + block.Mean * block.Weight) / both, both);
            }

            blocks[count++] = block;
        }

        for (var end = values.Length; count > 0; count--)
        {
            var (start, mean, _) = blocks[count - 1];
            values[start..end].Fill(mean);
            end = start;
        }
    }
}
