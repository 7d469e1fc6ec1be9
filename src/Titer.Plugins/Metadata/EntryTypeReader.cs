using System.Reflection;
using System.Reflection.Metadata;

namespace Titer.Plugins.Metadata;

/// <summary>The class of a plugin that implements an interface of the SDK.</summary>
internal sealed record EntryType(string Name, PluginKind Kind, string? OptionsType, OptionsSchema Options);

/// <summary>Finds the entry type and checks its shape.</summary>
internal sealed class EntryTypeReader(AssemblyFile plugin, HostFacts host, string id)
{
    private static readonly (string Interface, PluginKind Kind)[] Interfaces =
        [("Titer.Sdk.IDefense", PluginKind.Defense), ("Titer.Sdk.IAttack", PluginKind.Attack), ("Titer.Sdk.IMetric", PluginKind.Metric)];

    private readonly MetadataReader _reader = plugin.Reader;

    public (EntryType? Entry, IReadOnlyList<PluginProblem> Problems) Read()
    {
        var found = _reader.TypeDefinitions.Where(IsPublicClass)
            .SelectMany(type => Interfaces.Where(i => Implements(type, i.Interface)).Select(i => (Type: type, i.Interface, i.Kind)))
            .ToArray();
        if (found.Length == 0)
            return (null, [new(PluginProblemCode.NoEntryType, $"'{id}' has no public class that implements IDefense, IAttack or IMetric.",
                "Make the class public, not abstract, not generic, and name the interface on the class itself.")]);
        if (found.Length > 1)
            return (null, [new(PluginProblemCode.SeveralEntryTypes,
                $"'{id}' has {found.Length} entry points: {string.Join(", ", found.Select(f => $"{TypeName.Of(_reader, f.Type)} ({f.Kind})"))}.",
                "One assembly holds one plugin: move the others to projects of their own, or make them internal.")]);

        var (handle, contract, kind) = found[0];
        var problems = Unimplemented(handle, contract).ToList();
        var (optionsType, shape) = Options(handle);
        if (shape is not null) problems.Add(shape);
        var schema = OptionsSchema.Empty;
        if (!optionsType.IsNil)
        {
            (schema, var optionProblems) = new OptionsReader(plugin, host.Sdk).Read(optionsType);
            problems.AddRange(optionProblems);
        }

        return (new EntryType(TypeName.Of(_reader, handle), kind, optionsType.IsNil ? null : TypeName.Of(_reader, optionsType), schema), problems);
    }

    private bool IsPublicClass(TypeDefinitionHandle handle)
    {
        var type = _reader.GetTypeDefinition(handle);
        if ((type.Attributes & (TypeAttributes.Abstract | TypeAttributes.Interface)) != 0 || type.GetGenericParameters().Count > 0) return false;
        var visibility = type.Attributes & TypeAttributes.VisibilityMask;
        return visibility == TypeAttributes.Public
            || (visibility == TypeAttributes.NestedPublic && (_reader.GetTypeDefinition(type.GetDeclaringType()).Attributes & TypeAttributes.VisibilityMask) == TypeAttributes.Public);
    }

    private bool Implements(TypeDefinitionHandle handle, string contract) => WithBases(handle)
        .SelectMany(t => t.GetInterfaceImplementations())
        .Any(i => TypeName.Of(_reader, _reader.GetInterfaceImplementation(i).Interface) == contract);

    private IEnumerable<TypeDefinition> WithBases(TypeDefinitionHandle handle)
    {
        for (var at = handle; !at.IsNil;)
        {
            var type = _reader.GetTypeDefinition(at);
            yield return type;
            at = type.BaseType.IsNil ? default : plugin.Find(TypeName.Of(_reader, type.BaseType));
        }
    }

    // What ends as a TypeLoadException in the middle of a tournament when it is not said here.
    private IEnumerable<PluginProblem> Unimplemented(TypeDefinitionHandle handle, string contract)
    {
        var own = WithBases(handle).SelectMany(t => t.GetMethods()).Select(_reader.GetMethodDefinition)
            .Select(m => $"{_reader.GetString(m.Name)}{SignatureText.Of(m.DecodeSignature(SignatureText.Instance, null))}").ToHashSet(StringComparer.Ordinal);
        return host.Surface.RequiredBy(contract)
            .Where(member => !own.Contains(member) && !own.Contains($"{contract}.{member}"))
            .Select(member => new PluginProblem(PluginProblemCode.InterfaceIncomplete,
                $"'{TypeName.Of(_reader, handle)}' has no {member[..member.IndexOf('(', StringComparison.Ordinal)]} as this host's {contract} demands it.",
                $"Rebuild against Titer.Sdk {host.SdkVersion.Major}.x."));
    }

    private (TypeDefinitionHandle OptionsType, PluginProblem? Problem) Options(TypeDefinitionHandle handle)
    {
        var constructors = _reader.GetTypeDefinition(handle).GetMethods().Select(_reader.GetMethodDefinition)
            .Where(m => m.Attributes.HasFlag(MethodAttributes.Public) && !m.Attributes.HasFlag(MethodAttributes.Static) && _reader.StringComparer.Equals(m.Name, ".ctor"))
            .Select(m => m.DecodeSignature(SignatureText.Instance, null).ParameterTypes)
            .ToArray();
        if (constructors is [[]]) return (default, null);
        if (constructors is [[var only]] && plugin.Find(only) is { IsNil: false } options && IsRecord(options)) return (options, null);
        var shapes = string.Join(", ", constructors.Select(c => $"({string.Join(", ", c)})"));
        return (default, new PluginProblem(PluginProblemCode.ConstructorShape,
            $"'{TypeName.Of(_reader, handle)}' has {(constructors.Length == 0 ? "no public constructor" : $"the public constructors {shapes}")}.",
            "Give it one public constructor, without parameters or with one options record of the same assembly."));
    }

    private bool IsRecord(TypeDefinitionHandle handle) =>
        _reader.GetTypeDefinition(handle).GetMethods().Any(m => _reader.StringComparer.Equals(_reader.GetMethodDefinition(m).Name, "<Clone>$"));
}
