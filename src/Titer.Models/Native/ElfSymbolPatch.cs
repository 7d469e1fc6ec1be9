using System.Buffers.Binary;

namespace Titer.Models.Native;

/// <summary>Makes undefined symbols, and the symbol version that one of them needs, optional in a 64-bit little-endian ELF library.</summary>
internal static class ElfSymbolPatch
{
    private const ushort WeakVersion = 2;
    private const byte WeakBinding = 2;
    private const int BindingOffset = 4;
    private const int FlagsOffset = 4;

    /// <summary>What was found and, after <see cref="Apply"/>, changed.</summary>
    public readonly record struct Findings(bool SymbolFound, bool SymbolWeak, bool VersionFound, bool VersionWeak);

    /// <exception cref="BadImageFormatException">It is no such file.</exception>
    public static Findings Inspect(byte[] library, string symbol, string version)
    {
        var (symbols, needs) = Find(library, symbol, version);
        return new Findings(symbols.Length > 0, symbols.Any(s => s.IsWeak), needs.Length > 0, needs.Any(n => n.IsWeak));
    }

    /// <summary>Sets the symbol's binding to STB_WEAK and VER_FLG_WEAK on the needed version, in place.</summary>
    /// <exception cref="BadImageFormatException">It is no such file.</exception>
    public static Findings Apply(byte[] library, string symbol, string version)
    {
        var (symbols, needs) = Find(library, symbol, version);
        Weaken(library, symbols);
        foreach (var flags in needs.Select(n => library.AsMemory((int)n.Position + FlagsOffset)))
            BinaryPrimitives.WriteUInt16LittleEndian(flags.Span, (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(flags.Span) | WeakVersion));
        return Inspect(library, symbol, version);
    }

    /// <summary>Sets the binding of undefined symbols to STB_WEAK, in place: a loader without them
    /// binds them to nothing, and only a call fails.</summary>
    /// <exception cref="BadImageFormatException">It is no such file.</exception>
    public static void Weaken(byte[] library, IReadOnlyCollection<string> symbols) =>
        Weaken(library, ElfImage.Read(library).Symbols.Where(s => !s.IsDefined && symbols.Contains(s.Name)));

    private static void Weaken(byte[] library, IEnumerable<ElfSymbol> symbols)
    {
        foreach (var at in symbols.Select(s => (int)s.Position + BindingOffset)) library[at] = (byte)((WeakBinding << 4) | (library[at] & 0xF));
    }

    private static (ElfSymbol[] Symbols, ElfVersionNeed[] Needs) Find(byte[] library, string symbol, string version)
    {
        var image = ElfImage.Read(library);
        return ([.. image.Symbols.Where(s => s.Name == symbol)], [.. image.VersionNeeds.Where(n => n.Version == version)]);
    }
}
