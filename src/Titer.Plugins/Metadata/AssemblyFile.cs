using System.Globalization;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;

namespace Titer.Plugins.Metadata;

/// <summary>The metadata of one assembly file, read into memory at once: the file may change or vanish meanwhile.</summary>
internal sealed class AssemblyFile : IDisposable
{
    private readonly PEReader _file;

    private AssemblyFile(string path, PEReader file)
    {
        (Path, _file, Reader) = (path, file, file.GetMetadataReader());
        Name = Reader.GetString(Reader.GetAssemblyDefinition().Name);
        Version = Reader.GetAssemblyDefinition().Version;
        References = [.. Reader.AssemblyReferences.Select(Reader.GetAssemblyReference)
            .Select(r => new ReferencedAssembly(Reader.GetString(r.Name), r.Version))];
    }

    public string Path { get; }

    public string FileName => System.IO.Path.GetFileName(Path);

    public MetadataReader Reader { get; }

    public string Name { get; }

    public Version Version { get; }

    public IReadOnlyList<ReferencedAssembly> References { get; }

    /// <returns>Null for a native library.</returns>
    /// <exception cref="BadImageFormatException">Not a PE file, or damaged metadata.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static AssemblyFile? Open(string path) => Open(path, File.ReadAllBytes(path));

    /// <inheritdoc cref="Open(string)"/>
    /// <param name="path">Only for messages.</param>
    public static AssemblyFile? Open(string path, byte[] content)
    {
        var file = new PEReader(ImmutableCollectionsMarshal.AsImmutableArray(content));
        try
        {
            if (file.HasMetadata && file.GetMetadataReader().IsAssembly) return new AssemblyFile(path, file);
            file.Dispose();
            return null;
        }
        catch (Exception e)
        {
            file.Dispose();
            // Damaged files fail in many ways; to callers they are all one.
            throw e as BadImageFormatException ?? new BadImageFormatException(e.Message, e);
        }
    }

    /// <summary>Decoded custom attributes of one type on a row.</summary>
    public IEnumerable<CustomAttributeValue<string>> Attributes(CustomAttributeHandleCollection attributes, string fullName) =>
        attributes.Select(Reader.GetCustomAttribute)
            .Where(a => AttributeType(a) == fullName)
            .Select(a => a.DecodeValue(SignatureText.Instance));

    /// <summary>The first constructor argument of an assembly attribute, as text; null when it is absent.</summary>
    public string? AssemblyAttributeText(string fullName) =>
        Attributes(Reader.GetAssemblyDefinition().GetCustomAttributes(), fullName)
            .Select(a => a.FixedArguments[0].Value as string).FirstOrDefault();

    /// <summary>Whether the assembly carries an attribute.</summary>
    public bool Has(string attribute) => Attributes(Reader.GetAssemblyDefinition().GetCustomAttributes(), attribute).Any();

    /// <summary>The only processor that its code runs on; null for any.</summary>
    public Architecture? Processor =>
        (_file.PEHeaders.CoffHeader.Machine, _file.PEHeaders.CorHeader?.Flags & (CorFlags.Requires32Bit | CorFlags.Prefers32Bit)) switch
    {
        (Machine.Amd64, _) => Architecture.X64,
        (Machine.Arm64, _) => Architecture.Arm64,
        (Machine.Arm or Machine.ArmThumb2, _) => Architecture.Arm,
        (Machine.I386, CorFlags.Requires32Bit) => Architecture.X86,
        _ => null,
    };

    /// <summary>Definition by full name; nil when there is none.</summary>
    public TypeDefinitionHandle Find(string fullName) => Reader.TypeDefinitions.FirstOrDefault(h => TypeName.Of(Reader, h) == fullName);

    /// <summary>Names of an enum by value; null when the type is no enum of this assembly.</summary>
    public IReadOnlyList<KeyValuePair<long, string>>? EnumNames(string fullName)
    {
        var handle = Find(fullName);
        if (handle.IsNil || TypeName.Of(Reader, Reader.GetTypeDefinition(handle).BaseType) != "System.Enum") return null;
        var fields = Reader.GetTypeDefinition(handle).GetFields().Select(Reader.GetFieldDefinition)
            .Where(f => f.Attributes.HasFlag(FieldAttributes.Literal));
        return [.. fields.Select(f => KeyValuePair.Create(EnumValue(ConstantOf(f.GetDefaultValue())), Reader.GetString(f.Name)))];
    }

    /// <summary>A member's value as 64 bits; those of an enum over ulong beyond long wrap, and stay different from each other.</summary>
    public static long EnumValue(object? value) =>
        value is ulong bits ? unchecked((long)bits) : Convert.ToInt64(value, CultureInfo.InvariantCulture);

    /// <summary>Value of a constant row; null for a null constant.</summary>
    public object? ConstantOf(ConstantHandle handle)
    {
        var constant = Reader.GetConstant(handle);
        return Reader.GetBlobReader(constant.Value).ReadConstant(constant.TypeCode);
    }

    public void Dispose() => _file.Dispose();

    private string AttributeType(CustomAttribute attribute) => attribute.Constructor.Kind switch
    {
        HandleKind.MemberReference => TypeName.Of(Reader, Reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent),
        HandleKind.MethodDefinition =>
            TypeName.Of(Reader, Reader.GetMethodDefinition((MethodDefinitionHandle)attribute.Constructor).GetDeclaringType()),
        _ => "",
    };
}
