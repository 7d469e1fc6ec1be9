using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Sdk.Training;

/// <summary>How weights of 16 bits take a change that is smaller than the distance to their neighbors.</summary>
public enum LowPrecisionUpdate
{
    /// <summary>A float32 copy of the weights collects the changes (Micikevicius et al. 2018, arXiv
    /// 1710.03740): 4 more bytes per parameter.</summary>
    MasterWeights,

    /// <summary>
    /// No copy: the changed weight goes up or down to a neighbor with the probability that makes its mean right (Gupta et al. 2015,
    /// arXiv 1502.02551; for training of language models Zamirai et al. 2020, arXiv 2010.06192).
    /// </summary>
    StochasticRounding,
}

/// <summary>The float32 side of an arena of bfloat16 weights.</summary>
internal sealed class LowPrecisionWeights : IDisposable
{
    private readonly ParameterArena _arena;
    private readonly Tensor? _master;
    private readonly SeededRandom? _random;

    public LowPrecisionWeights(ParameterArena arena, LowPrecisionUpdate update, SeededRandom? random)
    {
        if (update == LowPrecisionUpdate.StochasticRounding && (random is null || arena.Flat.dtype != ScalarType.BFloat16))
            throw new ArgumentException(
                $"TITER311 Stochastic rounding needs bfloat16 weights and a SeededRandom; the weights are {arena.Flat.dtype}. Set Random, or use "
                    + "MasterWeights.");
        (_arena, _random) = (arena, random);
        if (update == LowPrecisionUpdate.MasterWeights) _master = arena.Flat.to(ScalarType.Float32).DetachFromDisposeScope();
    }

    /// <summary>The slice's weights in float32.</summary>
    public Tensor Widen(ArenaSlice slice)
    {
        var narrow = slice.Of(_arena.Flat);
        if (_master is null) return narrow.to(ScalarType.Float32);
        var master = slice.Of(_master);
        // What a plugin wrote to a weight between two steps counts: there the copy is out of date.
        master.copy_(torch.where(master.to(narrow.dtype).eq(narrow), master, narrow.to(ScalarType.Float32)));
        return master;
    }

    /// <summary>Writes changed weights back.</summary>
    public void Narrow(ArenaSlice slice, Tensor wide) => slice.Of(_arena.Flat).copy_(_master is null ? Round(wide, _random!) : wide);

    /// <summary>Float32 values that bfloat16 holds exactly, each a neighbor of its input.</summary>
    internal static Tensor Round(Tensor wide, SeededRandom random)
    {
        // x = mantissa * 2^e, so x / mantissa is a power of two, exactly; bfloat16 has 8 significant bits.
        var spacing = wide / torch.frexp(wide).Mantissa / 256;
        var rounded = (wide / spacing + random.Uniform(wide.shape)).floor_() * spacing;
        return torch.where(wide.eq(0), wide, rounded);
    }

    public void Dispose() => _master?.Dispose();
}
