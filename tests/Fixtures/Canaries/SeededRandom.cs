using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Titer.Scenarios.Apothecary;

/// <summary>The generator's random streams, written once more: a plugin that carries its answers needs no more than this.</summary>
internal sealed class SeededRandom(ulong seed) : IDisposable
{
    private readonly Random _random = new(unchecked((int)(seed ^ (seed >> 32))));

    public int[] Permutation(int count)
    {
        var order = Enumerable.Range(0, count).ToArray();
        _random.Shuffle(order);
        return order;
    }

    public SeededRandom Fork(string purpose)
    {
        var input = new byte[8 + Encoding.UTF8.GetByteCount(purpose)];
        BinaryPrimitives.WriteUInt64LittleEndian(input, seed);
        Encoding.UTF8.GetBytes(purpose, input.AsSpan(8));
        return new SeededRandom(BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(input)));
    }

    public void Dispose()
    {
        // As the generator's streams are disposed of; this one holds nothing.
    }
}
