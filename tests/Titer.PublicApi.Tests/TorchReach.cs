using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Titer.PublicApi.Tests;

/// <summary>
/// Which of our methods can be reached from an assembly's, by what their code names: calls, constructors, delegates, static fields, and the state
/// machines of async methods. Calls through an interface end there: who is behind it is the composition root's choice.
/// </summary>
internal sealed class TorchReach : IDisposable
{
    private const string Torch = "TorchSharp";
    private const string Loader = "Titer.Models.Native.NativeTorch.EnsureLoaded";

    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => (OpCode)f.GetValue(null)!).ToDictionary(o => o.Value);

    private readonly Dictionary<string, PEReader> _files = [];
    private readonly Dictionary<(string Assembly, string Type), (MetadataReader Reader, PEReader File, TypeDefinitionHandle Type)> _types = [];

    /// <param name="folder">With the assemblies.</param>
    public TorchReach(string folder)
    {
        string[] files = [.. Directory.GetFiles(folder, "Titer.*.dll"), .. Directory.GetFiles(folder, "titer.dll")];
        foreach (var path in files.Distinct(StringComparer.Ordinal))
        {
            var file = new PEReader(ImmutableArray.Create(File.ReadAllBytes(path)));
            var reader = file.GetMetadataReader();
            var name = reader.GetString(reader.GetAssemblyDefinition().Name);
            if (!_files.TryAdd(name, file)) continue;
            foreach (var type in reader.TypeDefinitions) _types[(name, NameOf(reader, type))] = (reader, file, type);
        }
    }

    /// <summary>How each method that names torch itself is reached from an assembly; empty when none is.</summary>
    public IReadOnlyList<string> PathsFrom(string assembly)
    {
        var from = new Dictionary<string, string?>();
        var open = new Queue<(string Assembly, MethodDefinitionHandle Method)>();
        var found = new List<string>();
        void Reach(string target, MethodDefinitionHandle method, string? by)
        {
            if (from.TryAdd(KeyOf(target, method), by)) open.Enqueue((target, method));
        }

        foreach (var method in _files[assembly].GetMetadataReader().MethodDefinitions) Reach(assembly, method, null);
        while (open.TryDequeue(out var at))
        {
            var key = KeyOf(at.Assembly, at.Method);
            foreach (var (target, method, sink) in Uses(at.Assembly, at.Method))
            {
                if (sink is null) Reach(target, method, key);
                else found.Add($"{Path(from, key)} -> {sink}");
            }
        }

        return found;
    }

    public void Dispose()
    {
        foreach (var file in _files.Values) file.Dispose();
    }

    private static string Path(Dictionary<string, string?> from, string key)
    {
        var steps = new List<string>();
        for (var at = key; at is not null; at = from[at]) steps.Add(at.Split('#')[0]);
        steps.Reverse();
        return string.Join(" -> ", steps);
    }

    /// <summary>What a method's code names: methods of ours, or a word for what loads torch.</summary>
    private IEnumerable<(string Assembly, MethodDefinitionHandle Method, string? Sink)> Uses(string assembly, MethodDefinitionHandle handle)
    {
        var file = _files[assembly];
        var reader = file.GetMetadataReader();
        var definition = reader.GetMethodDefinition(handle);
        if (definition.RelativeVirtualAddress == 0) yield break;
        // A table of delegates calls none of them.
        var isTable = reader.GetString(definition.Name) == ".cctor";
        foreach (var token in Tokens(file.GetMethodBody(definition.RelativeVirtualAddress).GetILReader(), isTable))
        {
            foreach (var use in Of(assembly, reader, MetadataTokens.EntityHandle(token))) yield return use;
        }
    }

    private IEnumerable<(string, MethodDefinitionHandle, string?)> Of(string assembly, MetadataReader reader, EntityHandle token)
    {
        switch (token.Kind)
        {
            case HandleKind.MethodSpecification:
                return Of(assembly, reader, reader.GetMethodSpecification((MethodSpecificationHandle)token).Method);
            case HandleKind.MethodDefinition:
                var method = (MethodDefinitionHandle)token;
                var type = reader.GetMethodDefinition(method).GetDeclaringType();
                return Named(assembly, reader, type, reader.GetString(reader.GetMethodDefinition(method).Name));
            case HandleKind.FieldDefinition:
                return Named(assembly, reader, reader.GetFieldDefinition((FieldDefinitionHandle)token).GetDeclaringType(), null);
            case HandleKind.MemberReference:
                var member = reader.GetMemberReference((MemberReferenceHandle)token);
                return Referenced(assembly, reader, member.Parent, reader.GetString(member.Name), member.GetKind() == MemberReferenceKind.Method);
            default:
                return [];
        }
    }

    private IEnumerable<(string, MethodDefinitionHandle, string?)> Referenced(string assembly, MetadataReader reader, EntityHandle parent,
        string name, bool isMethod)
    {
        if (parent.Kind == HandleKind.TypeSpecification)
        {
            var blob = reader.GetBlobReader(reader.GetTypeSpecification((TypeSpecificationHandle)parent).Signature);
            if (blob.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance) return [];
            blob.ReadCompressedInteger();
            parent = blob.ReadTypeHandle();
        }

        if (parent.Kind == HandleKind.TypeDefinition) return Named(assembly, reader, (TypeDefinitionHandle)parent, isMethod ? name : null);
        if (parent.Kind != HandleKind.TypeReference) return [];
        var (target, type) = Resolve(reader, (TypeReferenceHandle)parent);
        if (target == Torch) return isMethod ? [(assembly, default, $"{type}.{name}")] : [];
        return _types.TryGetValue((target, type), out var found) ? Named(target, found.Reader, found.Type, isMethod ? name : null) : [];
    }

    /// <summary>The type's methods of that name, its static constructor, and all of it when it is a state machine.</summary>
    private static IEnumerable<(string, MethodDefinitionHandle, string?)> Named(string assembly, MetadataReader reader,
        TypeDefinitionHandle handle, string? name)
    {
        var type = reader.GetTypeDefinition(handle);
        var isMachine = reader.GetString(type.Name).StartsWith('<') && reader.GetString(type.Name).Contains(">d__", StringComparison.Ordinal);
        if ($"{NameOf(reader, handle)}.{name}" == Loader) return [(assembly, default, Loader)];
        return type.GetMethods()
            .Where(m => reader.GetString(reader.GetMethodDefinition(m).Name) is var own
            && (own == name || own == ".cctor" || (isMachine && own == "MoveNext")))
            .Select(m => (assembly, m, (string?)null));
    }

    private static (string Assembly, string Type) Resolve(MetadataReader reader, TypeReferenceHandle handle)
    {
        var type = reader.GetTypeReference(handle);
        var name = reader.GetString(type.Name);
        if (type.ResolutionScope.Kind == HandleKind.TypeReference)
        {
            var (assembly, outer) = Resolve(reader, (TypeReferenceHandle)type.ResolutionScope);
            return (assembly, $"{outer}+{name}");
        }

        var own = type.ResolutionScope.Kind == HandleKind.AssemblyReference
            ? reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name) : "";
        return (own, $"{reader.GetString(type.Namespace)}.{name}");
    }

    private static string NameOf(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        var outer = type.GetDeclaringType();
        return outer.IsNil ? $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}"
            : $"{NameOf(reader, outer)}+{reader.GetString(type.Name)}";
    }

    private string KeyOf(string assembly, MethodDefinitionHandle handle)
    {
        var reader = _files[assembly].GetMetadataReader();
        var method = reader.GetMethodDefinition(handle);
        return $"{NameOf(reader, method.GetDeclaringType())}.{reader.GetString(method.Name)}#{assembly}{MetadataTokens.GetToken(handle)}";
    }

    /// <summary>Operands that name members.</summary>
    /// <param name="withoutDelegates">Methods that only a delegate is made of are left out.</param>
    private static List<int> Tokens(BlobReader code, bool withoutDelegates)
    {
        var tokens = new List<int>();
        while (code.RemainingBytes > 0)
        {
            short value = code.ReadByte();
            if (value == 0xFE) value = (short)(0xFE00 | code.ReadByte());
            switch (OpCodesByValue[value].OperandType)
            {
                case OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineTok:
                    var token = code.ReadInt32();
                    if (!withoutDelegates || OpCodesByValue[value] != OpCodes.Ldftn) tokens.Add(token);
                    break;
                case OperandType.InlineBrTarget or OperandType.InlineI or OperandType.InlineSig or OperandType.InlineString
                    or OperandType.InlineType or OperandType.ShortInlineR:
                    code.ReadInt32();
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    code.ReadInt64();
                    break;
                case OperandType.InlineVar:
                    code.ReadInt16();
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    code.ReadByte();
                    break;
                case OperandType.InlineSwitch:
                    var targets = code.ReadInt32();
                    code.Offset += 4 * targets;
                    break;
            }
        }

        return tokens;
    }
}
