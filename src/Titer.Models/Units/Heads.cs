using TorchSharp;

namespace Titer.Models.Units;

/// <summary>The attention heads of a block; several query heads may share a key-value head (a group).</summary>
internal sealed class Heads(int heads, int keyValueHeads, int size)
{
    private readonly int _group = heads / keyValueHeads;

    /// <summary>
    /// Values against outputs, then the order of all heads: groups by what they write, and within a group by what each head writes. A bias of the
    /// values is written at every position alike (attention sums to one), so a bias of the output takes it.
    /// </summary>
    public void Balance(LinearMap value, LinearMap output, LinearMap query, LinearMap key)
    {
        var hidden = output.Weight.shape[0];
        if (output.HasBias)
        {
            var seen = value.Bias.view(keyValueHeads, 1, size).expand(keyValueHeads, _group, size).reshape(-1);
            (output.Bias, value.Bias) = (output.Bias + output.Weight.mv(seen), torch.zeros_like(value.Bias));
        }

        // [key-value heads, group * hidden, size] and [key-value heads, size, hidden + 1].
        var outputs = output.Weight.view(hidden, keyValueHeads, _group, size).permute(1, 2, 0, 3).reshape(keyValueHeads, _group * hidden, size);
        var (writes, reads, strengths) = Balanced(outputs, Split(value, keyValueHeads));
        var groups = strengths.sum([1]).argsort(0, true);
        var within = CanonicalUnits.Length(writes.reshape(keyValueHeads, _group, -1), 2).argsort(1, true);
        var order = (groups.unsqueeze(1) * _group + within.index_select(0, groups)).reshape(-1);
        output.Weight = writes.reshape(heads, hidden, size).index_select(0, order).permute(1, 0, 2).reshape(hidden, -1);
        Join(value, reads.index_select(0, groups));
        Join(key, Split(key, keyValueHeads).index_select(0, groups));
        Join(query, Split(query, heads).index_select(0, order));
    }

    /// <summary>How much attention writes of what it reads: the Frobenius norm of all heads' outputs times values.</summary>
    public double Strength(LinearMap value, LinearMap output)
    {
        var outputs = output.Weight.view(-1, keyValueHeads, _group, size).permute(1, 2, 0, 3).reshape(keyValueHeads, -1, size);
        var values = value.Weight.view(keyValueHeads, size, -1);
        return (outputs.transpose(1, 2).bmm(outputs) * values.bmm(values.transpose(1, 2))).sum().clamp_min(0).sqrt().item<double>();
    }

    /// <summary>Queries against keys without positions between them: any invertible map of a head. The key has no bias.</summary>
    public void BalanceFree(LinearMap query, LinearMap key)
    {
        var left = Split(query, heads).view(keyValueHeads, _group, size, -1).permute(0, 1, 3, 2);
        var (queries, keys, _) = Balanced(left.reshape(keyValueHeads, -1, size), Split(key, keyValueHeads));
        Join(query, queries.view(keyValueHeads, _group, -1, size).permute(0, 1, 3, 2).reshape(heads, size, -1));
        Join(key, keys);
    }

    /// <summary>Only the first dimensions of a head turn: those by pairs, the others freely.</summary>
    public void BalanceRotary(LinearMap query, LinearMap key, int turning)
    {
        if (turning == size)
        {
            BalanceRotary(query, key);
            return;
        }

        var (queries, keys) = (query.RowsOfHeads(heads, 0, turning), key.RowsOfHeads(keyValueHeads, 0, turning));
        var (otherQueries, otherKeys) = (query.RowsOfHeads(heads, turning, size - turning), key.RowsOfHeads(keyValueHeads, turning, size - turning));
        new Heads(heads, keyValueHeads, turning).BalanceRotary(queries, keys);
        new Heads(heads, keyValueHeads, size - turning).BalanceFree(otherQueries, otherKeys);
        foreach (var (map, count, first, second) in new[] { (query, heads, queries, otherQueries), (key, keyValueHeads, keys, otherKeys) })
            map.Split(torch.cat([first.Joined().view(count, turning, -1), second.Joined().view(count, size - turning, -1)], 1)
                .reshape(count * size, -1));
    }

    /// <summary>Scale and phase of every rotary pair: rotations by position commute with both, and with nothing else.</summary>
    public void BalanceRotary(LinearMap query, LinearMap key)
    {
        var (queries, keys) = (Pairs(query, _group), Pairs(key, 1));
        var (a, b, c) = (Square(keys, 0, 0), Square(keys, 1, 1), Square(keys, 0, 1));
        // The larger principal axis of the pair's keys comes first.
        var phase = torch.atan2(2 * c, a - b) / 2;
        (queries, keys) = (Turned(queries, phase), Turned(keys, phase));
        var scale = CanonicalUnits.Evening(queries.square().sum([2, 3, 4], true).sqrt(), keys.square().sum([2, 3, 4], true).sqrt());
        var signs = CanonicalUnits.Signs(keys.select(3, 0)).unsqueeze(3);
        JoinPairs(query, queries / scale * signs);
        JoinPairs(key, keys * scale * signs);
    }

    /// <summary>
    /// Queries and keys of which each head is normed before it turns: rows of unit length, gains positive, and of a pair of equal length on both
    /// sides.
    /// </summary>
    /// <param name="queryGain">[size], all heads'.</param>
    /// <param name="keyGain">[size].</param>
    /// <returns>The gains: both [size].</returns>
    public (Tensor Query, Tensor Key) BalanceNormed(LinearMap query, LinearMap key, Tensor queryGain, Tensor keyGain)
    {
        foreach (var (map, count, gain) in new[] { (query, heads, queryGain), (key, keyValueHeads, keyGain) })
        {
            var split = Split(map, count) * CanonicalUnits.Signs(gain.unsqueeze(1));
            var length = split.square().sum([1, 2], true).sqrt();
            Join(map, split * torch.where(length > 0, Math.Sqrt(size) / length, torch.ones_like(length)));
        }

        var (forQueries, forKeys) = (queryGain.abs().view(2, -1), keyGain.abs().view(2, -1));
        var scale = CanonicalUnits.Evening(CanonicalUnits.Length(forQueries, 0), CanonicalUnits.Length(forKeys, 0));
        PointPairs(query, key);
        return ((forQueries / scale).reshape(-1), (forKeys * scale).reshape(-1));
    }

    /// <summary>The same where one norm is over all heads together, and every head has gains of its own.</summary>
    /// <param name="queryGain">[heads * size].</param>
    /// <param name="keyGain">[key-value heads * size].</param>
    /// <returns>The gains, as they came.</returns>
    public (Tensor Query, Tensor Key) BalanceAllNormed(LinearMap query, LinearMap key, Tensor queryGain, Tensor keyGain)
    {
        foreach (var (map, gain) in new[] { (query, queryGain), (key, keyGain) })
        {
            var rows = map.Joined() * CanonicalUnits.Signs(gain.unsqueeze(1));
            var length = rows.square().sum().sqrt().item<double>();
            map.Split(length > 0 ? rows * (Math.Sqrt(rows.shape[0]) / length) : rows);
        }

        var (forQueries, forKeys) = (queryGain.abs().view(keyValueHeads, _group, 2, -1), keyGain.abs().view(keyValueHeads, 1, 2, -1));
        var scale = CanonicalUnits.Evening(forQueries.square().sum([1, 2], true).sqrt(), forKeys.square().sum([1, 2], true).sqrt());
        PointPairs(query, key);
        return ((forQueries / scale).reshape(-1), (forKeys * scale).reshape(-1));
    }

    /// <summary>A pair may change its sign on both sides: the largest of its key's is positive.</summary>
    private void PointPairs(LinearMap query, LinearMap key)
    {
        var signs = CanonicalUnits.Signs(Pairs(key, 1).select(3, 0)).unsqueeze(3);
        JoinPairs(query, Pairs(query, _group) * signs);
        JoinPairs(key, Pairs(key, 1) * signs);
    }

    /// <summary>Both factors of the same product with its singular values in equal parts: left [n, m, size], right [n, size, k].</summary>
    private static (Tensor Left, Tensor Right, Tensor Values) Balanced(Tensor left, Tensor right)
    {
        var (leftBasis, leftPart) = torch.linalg.qr(left);
        var (rightBasis, rightPart) = torch.linalg.qr(right.transpose(1, 2));
        var (u, values, v) = torch.linalg.svd(leftPart.bmm(rightPart.transpose(1, 2)), false);
        var root = values.sqrt();
        var reads = (root.unsqueeze(2) * v).bmm(rightBasis.transpose(1, 2));
        var signs = CanonicalUnits.Signs(reads);
        return (leftBasis.bmm(u * root.unsqueeze(1)) * signs.transpose(1, 2), reads * signs, values);
    }

    /// <summary>[heads, size, in + 1].</summary>
    private Tensor Split(LinearMap map, int count) => map.Joined().view(count, size, -1);

    private static void Join(LinearMap map, Tensor split) => map.Split(split.reshape(split.shape[0] * split.shape[1], -1));

    /// <summary>Rotary pairs, the halves of a head against each other: [key-value heads, size / 2, heads of each, 2, in + 1].</summary>
    private Tensor Pairs(LinearMap map, int each) => map.Joined().view(keyValueHeads, each, 2, size / 2, -1).permute(0, 3, 1, 2, 4);

    private static void JoinPairs(LinearMap map, Tensor pairs) => map.Split(pairs.permute(0, 2, 3, 1, 4).reshape(map.Weight.shape[0], -1));

    /// <summary>Inner product of two members of every pair: [key-value heads, size / 2, 1, 1].</summary>
    private static Tensor Square(Tensor pairs, long first, long second) =>
        (pairs.select(3, first) * pairs.select(3, second)).sum([3], true).sum([2], true);

    private static Tensor Turned(Tensor pairs, Tensor phase)
    {
        var (first, second, cosine, sine) = (pairs.select(3, 0), pairs.select(3, 1), phase.cos(), phase.sin());
        return torch.stack([first * cosine + second * sine, second * cosine - first * sine], 3);
    }
}
