using System.Reflection;
using System.Reflection.Metadata;

namespace Titer.Plugins.Metadata;

/// <summary>Everything that a plugin can reach in the host's own SDK assembly, read from its file.</summary>
internal sealed class SdkSurface
{
    private static readonly HashSet<string> ObjectMembers = [".ctor", "ToString", "Equals", "GetHashCode", "GetType", "Finalize", "MemberwiseClone"];

    private readonly Dictionary<string, SdkType> _types = new(StringComparer.Ordinal);

    public SdkSurface(AssemblyFile sdk)
    {
        var reader = sdk.Reader;
        foreach (var handle in reader.TypeDefinitions)
        {
            var definition = reader.GetTypeDefinition(handle);
            if (!IsVisible(reader, definition)) continue;
            var type = new SdkType(definition.BaseType.IsNil ? null : TypeName.Of(reader, definition.BaseType));
            foreach (var method in definition.GetMethods().Select(reader.GetMethodDefinition).Where(m => IsReachable(m.Attributes)))
            {
                var member = $"{reader.GetString(method.Name)}{SignatureText.Of(method.DecodeSignature(SignatureText.Instance, null))}";
                type.Members.Add(member);
                if (definition.Attributes.HasFlag(TypeAttributes.Interface) && method.Attributes.HasFlag(MethodAttributes.Abstract))
                    type.Required.Add(member);
            }

            foreach (var field in definition.GetFields().Select(reader.GetFieldDefinition).Where(f => IsReachable(f.Attributes)))
                type.Members.Add($"{reader.GetString(field.Name)}:{field.DecodeSignature(SignatureText.Instance, null)}");
            _types[TypeName.Of(reader, handle)] = type;
        }
    }

    public bool HasType(string fullName) => _types.ContainsKey(fullName);

    /// <summary>Members without a body that a class implementing the interface must have.</summary>
    public IReadOnlyCollection<string> RequiredBy(string interfaceName) => _types.TryGetValue(interfaceName, out var type) ? type.Required : [];

    /// <summary>Whether a type or one of its bases has the member; members inherited from outside the SDK count as present.</summary>
    public bool HasMember(string typeName, string name, string member)
    {
        for (string? at = typeName; at is not null; at = _types[at].Base)
        {
            if (at == "System.Object" || at == "System.ValueType") return ObjectMembers.Contains(name);
            if (!_types.TryGetValue(at, out var type)) return true;
            if (type.Members.Contains(member)) return true;
        }

        return false;
    }

    private static bool IsVisible(MetadataReader reader, TypeDefinition type)
    {
        var visibility = type.Attributes & TypeAttributes.VisibilityMask;
        return visibility == TypeAttributes.Public
            || (visibility is TypeAttributes.NestedPublic or TypeAttributes.NestedFamily or TypeAttributes.NestedFamORAssem
                && IsVisible(reader, reader.GetTypeDefinition(type.GetDeclaringType())));
    }

    private static bool IsReachable(MethodAttributes attributes) =>
        (attributes & MethodAttributes.MemberAccessMask) is MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem;

    private static bool IsReachable(FieldAttributes attributes) =>
        (attributes & FieldAttributes.FieldAccessMask) is FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem;

    private sealed record SdkType(string? Base)
    {
        public HashSet<string> Members { get; } = new(StringComparer.Ordinal);

        public List<string> Required { get; } = [];
    }
}
