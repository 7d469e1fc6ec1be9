using System.Buffers;

namespace Titer.Tournament;

/// <summary>A list that grows in arrays that are lent, for numbers on their way in: a hundred thousand results have three million rows.</summary>
internal sealed class LentBuffer<T> : IDisposable
    where T : unmanaged
{
    private T[] _items = ArrayPool<T>.Shared.Rent(512);

    public int Count { get; private set; }

    public ReadOnlySpan<T> Span => _items.AsSpan(0, Count);

    public void Add(T item)
    {
        if (Count == _items.Length) Grow(Count + 1);
        _items[Count++] = item;
    }

    /// <summary>Adds so many, for the caller to fill in.</summary>
    public Span<T> Room(int count)
    {
        if (Count + count > _items.Length) Grow(Count + count);
        Count += count;
        return _items.AsSpan(Count - count, count);
    }

    public void Dispose() => ArrayPool<T>.Shared.Return(_items);

    private void Grow(int least)
    {
        var larger = ArrayPool<T>.Shared.Rent(Math.Max(least, 2 * Count));
        Span.CopyTo(larger);
        ArrayPool<T>.Shared.Return(_items);
        _items = larger;
    }
}
