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
    private static readonly Lock OnGpu = new();

    private readonly Device? _device;
    private readonly Random _random;
    private torch.Generator? _generator;
    private ulong _draws;

    /// <param name="seed">The stream's seed.</param>
    /// <param name="device">Of what is drawn; null is the CPU, and torch is not loaded before something is.</param>
    internal SeededRandom(ulong seed, Device? device = null)
    {
        Seed = seed;
        _device = device;
        _random = new Random(unchecked((int)(seed ^ (seed >> 32))));
    }

    public ulong Seed { get; }

    /// <summary>
    /// A torch generator on the CPU, for <c>torch.randn(..., generator: random.Generator)</c>: TorchSharp 0.107 makes none on a GPU, and torch
    /// takes none there that is not. <see cref="Normal"/> and <see cref="Uniform"/> draw on the match's device.
    /// </summary>
    public torch.Generator Generator => _generator ??= new(seed: Seed & long.MaxValue, device: torch.CPU);

    /// <summary>Numbers of the standard normal distribution, on the match's device; on the CPU those of <see cref="Generator"/>.</summary>
    /// <returns>[<paramref name="shape"/>], of <paramref name="type"/>; the caller's.</returns>
    public torch.Tensor Normal(long[] shape, torch.ScalarType type = torch.ScalarType.Float32) =>
        Drawn((device, generator) => torch.randn(shape, dtype: type, device: device, generator: generator));

    /// <summary>Independent numbers in [0, 1), on the match's device; on the CPU those of <see cref="Generator"/>.</summary>
    /// <inheritdoc cref="Normal"/>
    public torch.Tensor Uniform(long[] shape, torch.ScalarType type = torch.ScalarType.Float32) =>
        Drawn((device, generator) => torch.rand(shape, dtype: type, device: device, generator: generator));

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

    /// <summary>A GPU has one generator a process: it gets a seed of this stream before every draw.</summary>
    private torch.Tensor Drawn(Func<Device, torch.Generator?, torch.Tensor> draw)
    {
        if (_device is not { type: not DeviceType.CPU } gpu) return draw(torch.CPU, Generator);
        var seed = Derive(Seed, $"draw {_draws++}") & long.MaxValue;
        lock (OnGpu)
        {
            torch.cuda.manual_seed_all((long)seed);
            return draw(gpu, null);
        }
    }
}
