namespace Titer.Files;

/// <summary>Lines of a stream of somebody else's: neither one line nor all of them may be without end.</summary>
public static class BoundedLines
{
    private const int BufferBytes = 1 << 16;

    /// <summary>UTF-8 bytes of each line, without its end.</summary>
    /// <exception cref="InvalidDataException">A line, or the whole, is too long; a clause.</exception>
    public static IEnumerable<byte[]> Of(Stream stream, int mostLineBytes, long mostBytes)
    {
        var buffer = new byte[BufferBytes];
        using var line = new MemoryStream();
        var total = 0L;
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            if ((total += read) > mostBytes) throw new InvalidDataException($"it is longer than {mostBytes} bytes");
            for (var at = 0; at < read;)
            {
                var end = Array.IndexOf(buffer, (byte)'\n', at, read - at);
                var length = (end < 0 ? read : end) - at;
                if (line.Length + length > mostLineBytes) throw new InvalidDataException($"it has a line of over {mostLineBytes} bytes");
                line.Write(buffer, at, length);
                at += length + 1;
                if (end < 0) break;
                yield return line.ToArray();
                line.SetLength(0);
            }
        }

        if (line.Length > 0) yield return line.ToArray();
    }
}
