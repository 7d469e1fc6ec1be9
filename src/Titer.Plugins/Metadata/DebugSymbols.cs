using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Titer.Files;

namespace Titer.Plugins.Metadata;

/// <summary>
/// Whether symbols are those that the compiler made with a dll, which carries their SHA-256 (PE/COFF debug directory, entry "PDB checksum"). Symbols
/// count in no content hash, but those of a dll that does are as fixed as the dll: nothing else can be called so and be read.
/// </summary>
internal static class DebugSymbols
{
    private const long MostBytes = 256L << 20;
    private const string Sha256Name = "SHA256";

    /// <summary>The checksum is of the symbols with their id zeroed.</summary>
    private const int IdBytes = 20;

    /// <param name="path">Of the symbols; their dll lies beside them.</param>
    public static bool AreOfTheirDll(string path)
    {
        var dll = Path.ChangeExtension(path, ".dll");
        try
        {
            return RegularFile.KindOf(dll) == EntryKind.File && ChecksumIn(dll) is { } expected
                && SHA256.HashData(WithoutId(RegularFile.ReadAllBytes(path, MostBytes))).AsSpan().SequenceEqual(expected);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Damaged metadata fails in many ways, and is nobody's symbols.
            return false;
        }
    }

    private static byte[]? ChecksumIn(string dll)
    {
        using var file = new PEReader(ImmutableCollectionsMarshal.AsImmutableArray(RegularFile.ReadAllBytes(dll, MostBytes)));
        return file.ReadDebugDirectory().Where(e => e.Type == DebugDirectoryEntryType.PdbChecksum).Select(file.ReadPdbChecksumDebugDirectoryData)
            .Where(c => c.AlgorithmName == Sha256Name).Select(c => c.Checksum.ToArray()).FirstOrDefault();
    }

    private static byte[] WithoutId(byte[] symbols)
    {
        using var provider = MetadataReaderProvider.FromPortablePdbImage(ImmutableArray.Create(symbols));
        var header = provider.GetMetadataReader().DebugMetadataHeader ?? throw new BadImageFormatException("no portable symbols");
        symbols.AsSpan(header.IdStartOffset, IdBytes).Clear();
        return symbols;
    }
}
