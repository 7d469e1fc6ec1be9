using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TorchSharp;

namespace Titer.Sdk;

/// <summary>
/// The only source of randomness in a match. Streams are derived by name, so drawing more from one never shifts another, and
/// data order does not depend on the defense (comparisons are paired). Not thread-safe.
/// </summary>
public sealed class SeededRandom : IDisposable
{
    private readonly Device? _device;
    private readonly Random _random;
    private torch.Generator? _generator;

    /// <param name="seed">The stream's seed.</param>
    /// <param name="device">Device of <see cref="Generator"/>; null means the CPU, without loading torch before a generator is asked for.</param>
    internal SeededRandom(ulong seed, Device? device = null)
    {
        Seed = seed;
        _device = device;
        _random = new Random(unchecked((int)(seed ^ (seed >> 32))));
    }

    public ulong Seed { get; }

    /// <summary>A torch generator on the match's device, for <c>torch.randn(..., generator: random.Generator)</c>.</summary>
    public torch.Generator Generator => _generator ??= NewGenerator();

    /// <summary>An integer in [0, <paramref name="exclusiveMaximum"/>).</summary>
    public int Next(int exclusiveMaximum) => _random.Next(exclusiveMaximum);

    /// <summary>A number in [0, 1).</summary>
    public double NextDouble() => _random.NextDouble();

    /// <summary>A random order of 0 .. <paramref name="count"/> - 1.</summary>
    public int[] Permutation(int count)
    {
        var order = Enumerable.Range(0, count).ToArray();
        _random.Shuffle(order);
        return order;
    }

    /// <summary>An independent stream named <paramref name="purpose"/>; the same name gives the same stream.</summary>
    public SeededRandom Fork(string purpose) => new(Derive(Seed, purpose), _device);

    /// <summary>Seed of a named stream: the first 8 bytes of SHA-256(seed, name).</summary>
    internal static ulong Derive(ulong seed, string purpose)
    {
        Span<byte> input = stackalloc byte[8 + Encoding.UTF8.GetByteCount(purpose)];
        BinaryPrimitives.WriteUInt64LittleEndian(input, seed);
        Encoding.UTF8.GetBytes(purpose, input[8..]);
        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(input));
    }

    public void Dispose() => _generator?.Dispose();

    private torch.Generator NewGenerator() => new(seed: Seed & long.MaxValue, device: _device ?? torch.CPU);
}
