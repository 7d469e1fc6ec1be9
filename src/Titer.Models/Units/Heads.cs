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

    /// <summary>Queries against keys without positions between them: any invertible map of a head. The key has no bias.</summary>
    public void BalanceFree(LinearMap query, LinearMap key)
    {
        var (queries, keys, _) = Balanced(Split(query, heads).transpose(1, 2), Split(key, heads));
        Join(query, queries.transpose(1, 2));
        Join(key, keys);
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

    /// <summary>Queries and keys that are normed before they turn: rows of unit length, gains of a pair of equal length on both sides.</summary>
    public void BalanceNormed(LinearMap query, LinearMap key, Tensor queryGain, Tensor keyGain)
    {
        foreach (var (map, count) in new[] { (query, heads), (key, keyValueHeads) })
        {
            var split = Split(map, count);
            var length = split.square().sum([1, 2], true).sqrt();
            Join(map, split * torch.where(length > 0, Math.Sqrt(size) / length, torch.ones_like(length)));
        }

        var (forQueries, forKeys) = (CanonicalUnits.Wide(queryGain).view(2, -1), CanonicalUnits.Wide(keyGain).view(2, -1));
        var scale = CanonicalUnits.Evening(CanonicalUnits.Length(forQueries, 0), CanonicalUnits.Length(forKeys, 0));
        queryGain.copy_((forQueries / scale).reshape(-1));
        keyGain.copy_((forKeys * scale).reshape(-1));
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
