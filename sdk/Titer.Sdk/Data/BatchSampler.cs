namespace Titer.Sdk.Data;

/// <summary>Endless shuffled batches of an <see cref="ExampleSet"/>.</summary>
public sealed class BatchSampler
{
    private readonly ExampleSet _set;
    private readonly Func<int[]> _rows;

    internal BatchSampler(ExampleSet set, SeededRandom random, int batchSize, bool groupByLength)
    {
        var order = new EpochOrder(random, set.Count, batchSize);
        (_set, _rows) = (set, groupByLength ? new LengthGroups(order, random, set, batchSize).Next : order.Next);
    }

    /// <summary>The next batch; its tensors belong to the caller's dispose scope.</summary>
    public TokenBatch Next() => _set.Batch(_rows());
}

/// <summary>Endless shuffled batches of a <see cref="PairSet"/>.</summary>
public sealed class PairSampler
{
    private readonly PairSet _set;
    private readonly EpochOrder _order;

    internal PairSampler(PairSet set, SeededRandom random, int batchSize) =>
        (_set, _order) = (set, new EpochOrder(random, set.Count, batchSize));

    /// <summary>The next paired batch; its tensors belong to the caller's dispose scope.</summary>
    public PairedBatch Next() => _set.Batch(_order.Next());
}

/// <summary>Row numbers in shuffled epochs; a batch may span the border of two epochs, so every batch is full.</summary>
internal sealed class EpochOrder
{
    private readonly SeededRandom _random;
    private readonly int _count;
    private readonly int _batchSize;
    private int[] _order = [];
    private int _position;

    public EpochOrder(SeededRandom random, int count, int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (count == 0)
            throw new InvalidOperationException("TITER301 The data set is empty: there is nothing to draw a batch from. Check the scenario's data.");
        (_random, _count, _batchSize) = (random, count, batchSize);
    }

    public int[] Next()
    {
        var rows = new int[_batchSize];
        for (var i = 0; i < rows.Length; i++)
        {
            if (_position == _order.Length) (_order, _position) = (_random.Permutation(_count), 0);
            rows[i] = _order[_position++];
        }

        return rows;
    }
}

/// <summary>Batches of about equal length: some batches' rows at a time are sorted by length and dealt again, in shuffled order.</summary>
internal sealed class LengthGroups(EpochOrder order, SeededRandom random, ExampleSet set, int batchSize)
{
    /// <summary>Batches that are sorted together; the usual choice (Hugging Face's <c>group_by_length</c>).</summary>
    private const int Window = 50;

    private readonly Queue<int[]> _batches = new();

    public int[] Next()
    {
        if (_batches.Count == 0)
        {
            var count = Math.Clamp(set.Count / batchSize, 1, Window);
            var sorted = Enumerable.Range(0, count).SelectMany(_ => order.Next()).OrderByDescending(row => set[row].Tokens.Length).Chunk(batchSize)
                .ToArray();
            foreach (var i in random.Permutation(count)) _batches.Enqueue(sorted[i]);
        }

        return _batches.Dequeue();
    }
}
