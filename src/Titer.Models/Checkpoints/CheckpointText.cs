using System.Text;

namespace Titer.Models.Checkpoints;

/// <summary>Reads the small files of a checkpoint as they really lie around: with a byte order mark, or as
/// the pointer that Git LFS leaves in their place.</summary>
public static class CheckpointText
{
    private static readonly byte[] PointerStart = "version https://git-lfs.github.com/spec/"u8.ToArray();

    /// <summary>Bytes of a JSON file as UTF-8, without a byte order mark; other bytes than UTF-8 are left to the parser.</summary>
    /// <exception cref="CheckpointException">The file is a pointer.</exception>
    public static byte[] Json(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (IsPointer(bytes)) throw Pointer(path);
        if (bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble)) return bytes[Encoding.UTF8.Preamble.Length..];
        // Windows' own tools write UTF-16.
        foreach (var encoding in (Encoding[])[Encoding.Unicode, Encoding.BigEndianUnicode])
            if (bytes.AsSpan().StartsWith(encoding.Preamble))
                return Encoding.Convert(encoding, Encoding.UTF8, bytes, encoding.Preamble.Length, bytes.Length - encoding.Preamble.Length);
        return bytes;
    }

    /// <exception cref="CheckpointException">The file is a pointer.</exception>
    public static void RequireContent(string path)
    {
        Span<byte> start = stackalloc byte[PointerStart.Length];
        using var file = File.OpenRead(path);
        if (file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && IsPointer(start)) throw Pointer(path);
    }

    /// <summary>Whether these are the first bytes of a pointer.</summary>
    public static bool IsPointer(ReadOnlySpan<byte> start) => start.StartsWith(PointerStart);

    private static CheckpointException Pointer(string path) =>
        new($"TITER420 {path} is a Git LFS pointer, not the file itself: the repository was cloned without git-lfs. Run 'git lfs pull' in it, or "
            + "download the file.");
}
