using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Titer.Tournament;

/// <summary>Reads what a <see cref="BinaryWriter"/> wrote, without a stream.</summary>
internal ref struct ByteCursor(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    public ReadOnlySpan<byte> Next(int count)
    {
        var next = _left[..count];
        _left = _left[count..];
        return next;
    }

    public T Next<T>()
        where T : unmanaged => MemoryMarshal.Read<T>(Next(Unsafe.SizeOf<T>()));

    /// <summary>Where they lie; not aligned.</summary>
    public ReadOnlySpan<T> Many<T>(int count)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Next(count * Unsafe.SizeOf<T>()));

    /// <summary>A text behind its length, seven bits a byte, the lowest first.</summary>
    public string Text()
    {
        var (length, shift) = (0, 0);
        for (byte part; ; shift += 7)
        {
            part = Next<byte>();
            length |= (part & 0x7F) << shift;
            if (part < 0x80) return Encoding.UTF8.GetString(Next(length));
        }
    }

    public string? OptionalText() => Next<bool>() ? Text() : null;

    public string[] Texts()
    {
        var texts = new string[Next<int>()];
        for (var i = 0; i < texts.Length; i++) texts[i] = Text();
        return texts;
    }

    /// <summary>One of those that are there once; null for -1.</summary>
    public T? Placed<T>(T[] all)
        where T : class => Next<int>() is >= 0 and var place ? all[place] : null;
}
