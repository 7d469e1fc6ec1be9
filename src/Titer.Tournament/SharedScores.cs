using System.Runtime.InteropServices;

namespace Titer.Tournament;

/// <summary>
/// Lists of distinct scores that rows repeat, kept once: a metric gives few of them. Forgets lists where others have their place. Thread-safe.
/// </summary>
internal sealed class SharedScores
{
    private const int Places = 1024;

    /// <summary>Written by any thread: whichever list lies there is a whole one.</summary>
    private readonly double[]?[] _known = new double[]?[Places];

    /// <returns>Not to be changed.</returns>
    public double[] Of(ReadOnlySpan<double> scores)
    {
        // Bits, not values: minus zero and NaN are values like others.
        var bits = MemoryMarshal.Cast<double, long>(scores);
        var hash = new HashCode();
        hash.AddBytes(MemoryMarshal.AsBytes(scores));
        ref var place = ref _known[(uint)hash.ToHashCode() % Places];
        return Volatile.Read(ref place) is { } known && MemoryMarshal.Cast<double, long>(known).SequenceEqual(bits) ? known
            : place = scores.ToArray();
    }
}
