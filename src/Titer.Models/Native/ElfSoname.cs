using System.Buffers.Binary;

namespace Titer.Models.Native;

/// <summary>
/// Gives a copy of a library another name for the dynamic loader. TorchSharp asks for
/// <c>torch_cpu</c>, and the runtime tries <c>torch_cpu.so</c> as a
/// plain name before <c>libtorch_cpu.so</c> beside the program by full path. A loaded library of that
/// plain name ends the search, and no second libtorch
/// is loaded, whatever lies beside the program.
/// </summary>
internal static class ElfSoname
{
    private const string Prefix = "lib";
    private const int ValueOffset = 8;

    /// <summary>The name without "lib"; what the runtime tries first.</summary>
    public static string Short(string name) => name[Prefix.Length..];

    /// <summary>Names the library <see cref="Short"/> of a name that it mentions already, its own or that of a library it needs, in place.</summary>
    /// <returns>False when it does not mention the name.</returns>
    /// <exception cref="BadImageFormatException">It has no name of its own.</exception>
    public static bool TrySet(byte[] library, string name)
    {
        var entries = ElfImage.Read(library).DynamicNames;
        if (entries.Where(e => e.IsSoname).ToArray() is not [var own]) throw new BadImageFormatException("A library has no name of its own.");
        if (entries.Where(e => e.Name == name).ToArray() is not [var mentioned, ..]) return false;
        // The tables share one heap of strings: a tail of one is a string, too.
        BinaryPrimitives.WriteUInt64LittleEndian(library.AsSpan((int)own.Position + ValueOffset), mentioned.Offset + (ulong)Prefix.Length);
        return true;
    }
}
