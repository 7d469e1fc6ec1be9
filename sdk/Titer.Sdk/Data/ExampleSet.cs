using System.Collections;

namespace Titer.Sdk.Data;

/// <summary>Examples of one role (for example the attacker's harmful part), with batches drawn in seeded order.</summary>
public sealed class ExampleSet : IReadOnlyList<TokenizedExample>
{
    private readonly IReadOnlyList<TokenizedExample> _examples;
    private readonly long _padId;
    private readonly Device _device;

    internal ExampleSet(IReadOnlyList<TokenizedExample> examples, long padId, Device device) =>
        (_examples, _padId, _device) = (examples, padId, device);

    public int Count => _examples.Count;

    public TokenizedExample this[int index] => _examples[index];

    /// <summary>An endless source of shuffled batches: every example once per epoch.</summary>
    /// <param name="random">Decides the order.</param>
    /// <param name="batchSize">Examples per batch.</param>
    /// <param name="groupByLength">Puts examples of about equal length together: less padding, another order.</param>
    public BatchSampler Shuffle(SeededRandom random, int batchSize, bool groupByLength = false) => new(this, random, batchSize, groupByLength);

    /// <summary>One batch of the named rows; made in the current dispose scope.</summary>
    public TokenBatch Batch(IReadOnlyList<int> rows) => TokenBatch.From([.. rows.Select(r => _examples[r])], _padId, _device);

    /// <summary>A set of other examples for the same model, for example of rewritten ones.</summary>
    public ExampleSet Of(IReadOnlyList<TokenizedExample> examples)
    {
        ArgumentNullException.ThrowIfNull(examples);
        return new ExampleSet(examples, _padId, _device);
    }

    /// <summary>At most <paramref name="count"/> examples, drawn without putting back; in drawn order.</summary>
    public ExampleSet Draw(SeededRandom random, int count)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return Of([.. random.Permutation(Count).Take(count).Select(i => _examples[i])]);
    }

    public IEnumerator<TokenizedExample> GetEnumerator() => _examples.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Harmful prompts with both answers, with batches drawn in seeded order.</summary>
public sealed class PairSet : IReadOnlyList<PairedExample>
{
    private readonly IReadOnlyList<PairedExample> _pairs;
    private readonly long _padId;
    private readonly Device _device;

    internal PairSet(IReadOnlyList<PairedExample> pairs, long padId, Device device) =>
        (_pairs, _padId, _device) = (pairs, padId, device);

    public int Count => _pairs.Count;

    public PairedExample this[int index] => _pairs[index];

    /// <summary>An endless source of shuffled paired batches: every pair once per epoch.</summary>
    public PairSampler Shuffle(SeededRandom random, int batchSize) => new(this, random, batchSize);

    /// <summary>One paired batch of the named rows; made in the current dispose scope.</summary>
    public PairedBatch Batch(IReadOnlyList<int> rows)
    {
        var pairs = rows.Select(r => _pairs[r]).ToArray();
        var length = pairs.Max(p => Math.Max(p.Harmful.Tokens.Length, p.Refusal.Tokens.Length));
        return new PairedBatch(
            TokenBatch.From([.. pairs.Select(p => p.Harmful)], _padId, _device, length),
            TokenBatch.From([.. pairs.Select(p => p.Refusal)], _padId, _device, length));
    }

    public IEnumerator<PairedExample> GetEnumerator() => _pairs.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
