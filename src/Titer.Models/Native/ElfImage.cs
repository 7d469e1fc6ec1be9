using System.Buffers.Binary;
using System.Text;

namespace Titer.Models.Native;

/// <summary>One entry of a library's dynamic symbol table.</summary>
/// <param name="Version">Index of the version it is bound to; 0 and 1 mean none.</param>
/// <param name="Position">Where the entry begins in the file, in bytes.</param>
internal readonly record struct ElfSymbol(string Name, bool IsDefined, bool IsWeak, ushort Version, long Position);

/// <summary>A symbol version that a library demands of another one.</summary>
/// <param name="File">The other library's soname.</param>
/// <param name="Position">Where the entry begins in the file, in bytes.</param>
internal readonly record struct ElfVersionNeed(string File, string Version, bool IsWeak, ushort Index, long Position);

/// <summary>A library that is needed, or the library's own name.</summary>
/// <param name="Offset">Of the name in the library's strings.</param>
/// <param name="Position">Where the entry begins in the file, in bytes.</param>
internal readonly record struct ElfDynamicName(string Name, bool IsSoname, ulong Offset, long Position);

/// <summary>
/// What the dynamic loader reads of a 64-bit little-endian ELF library: which libraries and symbols it needs, what it exports. Only these tables
/// are read, never the code: a libtorch is gigabytes.
/// </summary>
internal sealed class ElfImage
{
    private const uint DynamicSection = 6;
    private const uint DynamicSymbols = 11;
    private const uint VersionDefinitionSection = 0x6FFFFFFD;
    private const uint VersionNeedSection = 0x6FFFFFFE;
    private const uint SymbolVersionSection = 0x6FFFFFFF;
    private const ulong NeededTag = 1;
    private const ulong SonameTag = 14;
    private const ushort WeakVersion = 2;
    private const ushort VersionIndexMask = 0x7FFF;
    private const int SymbolSize = 24;

    private readonly Lazy<IReadOnlyList<ElfDynamicName>> _dynamicNames;
    private readonly Lazy<IReadOnlyList<ElfSymbol>> _symbols;
    private readonly Lazy<IReadOnlyList<ElfVersionNeed>> _versionNeeds;
    private readonly Lazy<IReadOnlyDictionary<ushort, string>> _versionDefinitions;

    private ElfImage(string name, Func<Stream> open)
    {
        T Ask<T>(Func<Stream, T> question) => ElfImage.Ask(name, open, question);
        var sections = Ask(Sections);
        IEnumerable<T> All<T>(uint type, Func<Stream, Section[], Section, IEnumerable<T>> read, Stream stream) =>
            sections.Where(s => s.Type == type).SelectMany(s => read(stream, sections, s));
        _dynamicNames = new(() => Ask<ElfDynamicName[]>(stream => [.. All(DynamicSection, DynamicNamesOf, stream)]));
        _symbols = new(() => Ask<ElfSymbol[]>(stream => [.. All(DynamicSymbols, SymbolsOf, stream)]));
        _versionNeeds = new(() => Ask<ElfVersionNeed[]>(stream => [.. All(VersionNeedSection, VersionNeedsOf, stream)]));
        _versionDefinitions = new(() => Ask<IReadOnlyDictionary<ushort, string>>(
            stream => All(VersionDefinitionSection, DefinitionsOf, stream).DistinctBy(d => d.Index).ToDictionary(d => d.Index, d => d.Name)));
    }

    /// <summary>Sonames that must be loaded before this library, in its order.</summary>
    /// <exception cref="BadImageFormatException">The tables point outside of the file; so for all that follow.</exception>
    public IEnumerable<string> Needed => DynamicNames.Where(n => !n.IsSoname).Select(n => n.Name);

    public IReadOnlyList<ElfDynamicName> DynamicNames => _dynamicNames.Value;

    public IReadOnlyList<ElfSymbol> Symbols => _symbols.Value;

    public IReadOnlyList<ElfVersionNeed> VersionNeeds => _versionNeeds.Value;

    /// <summary>Versions that the library defines, by index; the first is its own name.</summary>
    public IReadOnlyDictionary<ushort, string> VersionDefinitions => _versionDefinitions.Value;

    /// <summary>Each table is read when it is asked for.</summary>
    /// <exception cref="BadImageFormatException">It is no such file.</exception>
    public static ElfImage Read(string file) => new(file, () => new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0));

    /// <inheritdoc cref="Read(string)"/>
    public static ElfImage Read(byte[] library) => new("the library", () => new MemoryStream(library, writable: false));

    private static T Ask<T>(string name, Func<Stream> open, Func<Stream, T> question)
    {
        using var stream = open();
        try
        {
            return question(stream);
        }
        catch (NotSupportedException e)
        {
            throw new BadImageFormatException($"{name} is no 64-bit little-endian ELF file.", e);
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException or OverflowException or EndOfStreamException)
        {
            throw new BadImageFormatException($"The ELF tables of {name} point outside of it.", e);
        }
    }

    private static Section[] Sections(Stream stream)
    {
        var header = new byte[64];
        if (stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length
            || !header.AsSpan(0, 6).SequenceEqual((ReadOnlySpan<byte>)[0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1]))
            throw new NotSupportedException();
        var (size, count) = (U16(header, 0x3A), U16(header, 0x3C));
        var table = Bytes(stream, (long)U64(header, 0x28), size * (long)count);
        return [.. Enumerable.Range(0, count).Select(i => i * size)
            .Select(at => new Section(U32(table, at + 4), (long)U64(table, at + 0x18), (long)U64(table, at + 0x20), (int)U32(table, at + 0x28)))];
    }

    private static IEnumerable<ElfDynamicName> DynamicNamesOf(Stream stream, Section[] sections, Section section)
    {
        var (table, strings) = (Bytes(stream, section), Bytes(stream, sections[section.Link]));
        for (var at = 0; at < table.Length; at += 16)
        {
            var (tag, offset) = (U64(table, at), U64(table, at + 8));
            if (tag is NeededTag or SonameTag)
                yield return new ElfDynamicName(Name(strings, checked((uint)offset)), tag == SonameTag, offset, section.Offset + at);
        }
    }

    private static IEnumerable<ElfSymbol> SymbolsOf(Stream stream, Section[] sections, Section section)
    {
        var (table, strings) = (Bytes(stream, section), Bytes(stream, sections[section.Link]));
        var versions = Array.Find(sections, s => s.Type == SymbolVersionSection) is { } versioned ? Bytes(stream, versioned) : [];
        for (var at = SymbolSize; at < table.Length; at += SymbolSize)
        {
            var version = versions.Length == 0 ? (ushort)0 : (ushort)(U16(versions, at / SymbolSize * 2) & VersionIndexMask);
            // Binding: 0 local, 1 global, 2 weak, 10 unique.
            yield return new ElfSymbol(Name(strings, U32(table, at)), U16(table, at + 6) != 0, table[at + 4] >> 4 == 2, version,
                section.Offset + at);
        }
    }

    private static IEnumerable<ElfVersionNeed> VersionNeedsOf(Stream stream, Section[] sections, Section section)
    {
        var (table, strings) = (Bytes(stream, section), Bytes(stream, sections[section.Link]));
        for (int need = 0, next = table.Length == 0 ? 0 : 1; next != 0; need += next)
        {
            next = checked((int)U32(table, need + 12));
            var file = Name(strings, U32(table, need + 4));
            var auxiliary = need + checked((int)U32(table, need + 8));
            for (var i = U16(table, need + 2); i > 0; i--)
            {
                yield return new ElfVersionNeed(file, Name(strings, U32(table, auxiliary + 8)), (U16(table, auxiliary + 4) & WeakVersion) != 0,
                    U16(table, auxiliary + 6), section.Offset + auxiliary);
                auxiliary += checked((int)U32(table, auxiliary + 12));
            }
        }
    }

    private static IEnumerable<(ushort Index, string Name)> DefinitionsOf(Stream stream, Section[] sections, Section section)
    {
        var (table, strings) = (Bytes(stream, section), Bytes(stream, sections[section.Link]));
        for (int definition = 0, next = table.Length == 0 ? 0 : 1; next != 0; definition += next)
        {
            next = checked((int)U32(table, definition + 16));
            yield return (U16(table, definition + 4), Name(strings, U32(table, definition + checked((int)U32(table, definition + 12)))));
        }
    }

    private static byte[] Bytes(Stream stream, Section section) => Bytes(stream, section.Offset, section.Size);

    private static byte[] Bytes(Stream stream, long offset, long size)
    {
        if (offset < 0 || size < 0 || offset > stream.Length - size) throw new EndOfStreamException();
        var bytes = new byte[checked((int)size)];
        stream.Position = offset;
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static string Name(byte[] strings, uint at)
    {
        var rest = strings.AsSpan(checked((int)at));
        return Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)0)]);
    }

    private static ushort U16(byte[] b, int at) => BinaryPrimitives.ReadUInt16LittleEndian(b.AsSpan(at));

    private static uint U32(byte[] b, int at) => BinaryPrimitives.ReadUInt32LittleEndian(b.AsSpan(at));

    private static ulong U64(byte[] b, int at) => BinaryPrimitives.ReadUInt64LittleEndian(b.AsSpan(at));

    private sealed record Section(uint Type, long Offset, long Size, int Link);
}
