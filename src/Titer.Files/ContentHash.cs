using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Titer.Files;

/// <summary>
/// SHA-256 over a folder's files: relative name, length and bytes of each, in ordinal order. Debug symbols (*.pdb) do not count, nor does the
/// signature of the rest.
/// </summary>
public static class ContentHash
{
    /// <summary>Of a plugin, in its folder: what is signed is this very hash.</summary>
    public const string SignatureFile = "titer-plugin.sig";

    private const int ChunkBytes = 1 << 20;

    /// <param name="extension">Which files count, by the end of their names; empty for all.</param>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    /// <exception cref="PlainFolderException">The folder holds something other than regular files and folders, or more than it may.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string OfFolder(string folder, string extension = "", FolderLimits? limits = null)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[8];
        var buffer = new byte[ChunkBytes];
        foreach (var (name, path) in PlainFolder.Files(folder, limits)
            .Where(f => Counts(f.Name) && f.Name.EndsWith(extension, StringComparison.OrdinalIgnoreCase)))
        {
            var nameBytes = Encoding.UTF8.GetBytes(name);
            BinaryPrimitives.WriteInt64LittleEndian(length, nameBytes.Length);
            hash.AppendData(length);
            hash.AppendData(nameBytes);
            using var file = RegularFile.OpenRead(path, long.MaxValue);
            var left = file.Length;
            BinaryPrimitives.WriteInt64LittleEndian(length, left);
            hash.AppendData(length);
            // What somebody still writes to it does not count: the hash is of one state, or of none that is seen again.
            for (int read; left > 0 && (read = file.Read(buffer.AsSpan(0, (int)Math.Min(left, ChunkBytes)))) > 0; left -= read)
                hash.AppendData(buffer.AsSpan(0, read));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <param name="name">Relative to the folder, with forward slashes.</param>
    public static bool Counts(string name) => !AreSymbols(name) && name != SignatureFile;

    public static bool AreSymbols(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.EndsWith(".pdb", StringComparison.OrdinalIgnoreCase);
    }
}
