using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Titer.Files;

/// <summary>SHA-256 over a folder's files: relative name, length and bytes of each, in ordinal order. Debug symbols (*.pdb) do not count.</summary>
public static class ContentHash
{
    /// <returns>64 lower-case hexadecimal digits.</returns>
    /// <param name="pattern">Which files count.</param>
    public static string OfFolder(string folder, string pattern = "*")
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[8];
        foreach (var (name, path) in Files(folder, pattern))
        {
            var nameBytes = Encoding.UTF8.GetBytes(name);
            BinaryPrimitives.WriteInt64LittleEndian(length, nameBytes.Length);
            hash.AppendData(length);
            hash.AppendData(nameBytes);
            var content = File.ReadAllBytes(path);
            BinaryPrimitives.WriteInt64LittleEndian(length, content.Length);
            hash.AppendData(length);
            hash.AppendData(content);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static IEnumerable<(string Name, string Path)> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories)
            .Where(path => !path.EndsWith(".pdb", StringComparison.OrdinalIgnoreCase))
            .Select(path => (Name: Path.GetRelativePath(folder, path).Replace('\\', '/'), Path: path))
            .OrderBy(file => file.Name, StringComparer.Ordinal);
}
