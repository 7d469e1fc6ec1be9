using System.Reflection.Metadata;

namespace Titer.Plugins.Metadata;

/// <summary>One member of another assembly that an assembly uses.</summary>
/// <param name="Assembly">Simple name of the assembly that has the type.</param>
/// <param name="Member">Name and signature, comparable with <see cref="SdkSurface"/>; null when only the type is named.</param>
internal sealed record MemberUse(string Assembly, string Type, string Name, string? Member)
{
    /// <summary>All types and members that the assembly names in its reference tables.</summary>
    public static IEnumerable<MemberUse> In(AssemblyFile file)
    {
        var reader = file.Reader;
        foreach (var handle in reader.TypeReferences)
        {
            if (TypeName.AssemblyOf(reader, handle) is { } assembly)
                yield return new MemberUse(assembly, TypeName.Of(reader, handle), "", null);
        }

        foreach (var handle in reader.MemberReferences)
        {
            var member = reader.GetMemberReference(handle);
            if (ReferenceOf(reader, member.Parent) is not { IsNil: false } parent || TypeName.AssemblyOf(reader, parent) is not { } assembly)
                continue;
            var name = reader.GetString(member.Name);
            var text = member.GetKind() == MemberReferenceKind.Method
                ? $"{name}{SignatureText.Of(member.DecodeMethodSignature(SignatureText.Instance, null))}"
                : $"{name}:{member.DecodeFieldSignature(SignatureText.Instance, null)}";
            yield return new MemberUse(assembly, TypeName.Of(reader, parent), name, text);
        }
    }

    // A member of a constructed generic type hangs on a specification: its blob is (generic instance, class or value type, type).
    private static TypeReferenceHandle ReferenceOf(MetadataReader reader, EntityHandle parent)
    {
        if (parent.Kind == HandleKind.TypeReference) return (TypeReferenceHandle)parent;
        if (parent.Kind != HandleKind.TypeSpecification) return default;
        var blob = reader.GetBlobReader(reader.GetTypeSpecification((TypeSpecificationHandle)parent).Signature);
        if (blob.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance) return default;
        _ = blob.ReadCompressedInteger();
        var generic = blob.ReadTypeHandle();
        return generic.Kind == HandleKind.TypeReference ? (TypeReferenceHandle)generic : default;
    }
}
