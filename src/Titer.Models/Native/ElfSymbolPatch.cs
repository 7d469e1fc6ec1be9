using System.Buffers.Binary;
using System.Text;

namespace Titer.Models.Native;

/// <summary>
/// Makes one undefined symbol and the symbol version it needs optional in a 64-bit little-endian ELF library. The C++ header only names the
/// symbol, nothing calls it, so a loader without it may bind it to nothing.
/// </summary>
internal static class ElfSymbolPatch
{
    private const uint DynamicSymbols = 11;
    private const uint VersionNeeds = 0x6FFFFFFE;
    private const ushort WeakVersion = 2;
    private const byte WeakBinding = 2;

    /// <summary>What was found and, after <see cref="Apply"/>, changed.</summary>
    public readonly record struct Findings(bool SymbolFound, bool SymbolWeak, bool VersionFound, bool VersionWeak);

    public static Findings Inspect(ReadOnlySpan<byte> library, string symbol, string version) => Walk(library.ToArray(), symbol, version, write: false);

    /// <summary>Sets the symbol's binding to STB_WEAK and VER_FLG_WEAK on the needed version, in place.</summary>
    public static Findings Apply(byte[] library, string symbol, string version) => Walk(library, symbol, version, write: true);

    private static Findings Walk(byte[] library, string symbol, string version, bool write)
    {
        if (library.Length < 64 || !library.AsSpan(0, 6).SequenceEqual((ReadOnlySpan<byte>)[0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1]))
            throw new BadImageFormatException("Not a 64-bit little-endian ELF file.");
        try
        {
            var sections = Sections(library);
            var (symbolFound, symbolWeak) = Symbol(library, sections, symbol, write);
            var (versionFound, versionWeak) = Version(library, sections, version, write);
            return new Findings(symbolFound, symbolWeak, versionFound, versionWeak);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new BadImageFormatException("The ELF file's tables point outside of it.", e);
        }
    }

    private static (bool Found, bool Weak) Symbol(byte[] library, Section[] sections, string name, bool write)
    {
        foreach (var table in sections.Where(s => s.Type == DynamicSymbols))
        {
            var strings = sections[table.Link].Offset;
            for (var at = table.Offset; at < table.Offset + table.Size; at += 24)
            {
                if (Name(library, strings + (int)U32(library, at)) != name) continue;
                if (write) library[at + 4] = (byte)((WeakBinding << 4) | (library[at + 4] & 0xF));
                return (true, library[at + 4] >> 4 == WeakBinding);
            }
        }

        return (false, false);
    }

    private static (bool Found, bool Weak) Version(byte[] library, Section[] sections, string name, bool write)
    {
        foreach (var table in sections.Where(s => s.Type == VersionNeeds))
        {
            var strings = sections[table.Link].Offset;
            for (int need = table.Offset, next = 1; next != 0; need += next)
            {
                next = (int)U32(library, need + 12);
                var auxiliary = need + (int)U32(library, need + 8);
                for (var i = U16(library, need + 2); i > 0; i--)
                {
                    if (Name(library, strings + (int)U32(library, auxiliary + 8)) == name)
                    {
                        var flags = (ushort)(U16(library, auxiliary + 4) | (write ? WeakVersion : 0));
                        if (write) BinaryPrimitives.WriteUInt16LittleEndian(library.AsSpan(auxiliary + 4), flags);
                        return (true, (flags & WeakVersion) != 0);
                    }

                    auxiliary += (int)U32(library, auxiliary + 12);
                }
            }
        }

        return (false, false);
    }

    private static Section[] Sections(byte[] library)
    {
        var (table, size, count) = ((int)U64(library, 0x28), U16(library, 0x3A), U16(library, 0x3C));
        return [.. Enumerable.Range(0, count).Select(i => table + i * size).Select(at => new Section(
            U32(library, at + 4), (int)U64(library, at + 0x18), (int)U64(library, at + 0x20), (int)U32(library, at + 0x28)))];
    }

    private static string Name(byte[] library, int at)
    {
        var rest = library.AsSpan(at);
        return Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)0)]);
    }

    private static ushort U16(byte[] b, int at) => BinaryPrimitives.ReadUInt16LittleEndian(b.AsSpan(at));

    private static uint U32(byte[] b, int at) => BinaryPrimitives.ReadUInt32LittleEndian(b.AsSpan(at));

    private static ulong U64(byte[] b, int at) => BinaryPrimitives.ReadUInt64LittleEndian(b.AsSpan(at));

    private sealed record Section(uint Type, int Offset, int Size, int Link);
}
