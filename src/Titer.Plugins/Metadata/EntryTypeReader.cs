using System.Reflection;
using System.Reflection.Metadata;

namespace Titer.Plugins.Metadata;

/// <summary>The class of a plugin that implements an interface of the SDK.</summary>
internal sealed record EntryType(string Name, PluginKind Kind, string? OptionsType, OptionsSchema Options);

/// <summary>Finds the entry type and checks its shape.</summary>
/// <param name="all">The assemblies of the folder: bases and interfaces may come from helper libraries.</param>
internal sealed class EntryTypeReader(AssemblyFile plugin, IReadOnlyList<AssemblyFile> all, HostFacts host, string id)
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
            || (visibility == TypeAttributes.NestedPublic
                && (_reader.GetTypeDefinition(type.GetDeclaringType()).Attributes & TypeAttributes.VisibilityMask) == TypeAttributes.Public);
    }

    private bool Implements(TypeDefinitionHandle handle, string contract) => Ancestry(handle).Interfaces.Contains(contract);

    /// <summary>The class, its bases and their interfaces, as far as the folder has them; and the names of all interfaces.</summary>
    private (List<(MetadataReader Reader, TypeDefinition Type)> Types, HashSet<string> Interfaces) Ancestry(TypeDefinitionHandle handle)
    {
        var types = new List<(MetadataReader Reader, TypeDefinition Type)>();
        var interfaces = new HashSet<string>(StringComparer.Ordinal);
        // Damaged metadata may name a type as its own base.
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<(MetadataReader Reader, TypeDefinition Type)>([(_reader, _reader.GetTypeDefinition(handle))]);
        while (open.TryDequeue(out var at))
        {
            types.Add(at);
            var contracts = at.Type.GetInterfaceImplementations()
                .Select(i => TypeName.Of(at.Reader, at.Reader.GetInterfaceImplementation(i).Interface)).ToArray();
            interfaces.UnionWith(contracts);
            foreach (var name in at.Type.BaseType.IsNil ? contracts : [.. contracts, TypeName.Of(at.Reader, at.Type.BaseType)])
            {
                if (!seen.Add(name)) continue;
                foreach (var file in all.Prepend(plugin).Where(f => !f.Find(name).IsNil).Take(1))
                    open.Enqueue((file.Reader, file.Reader.GetTypeDefinition(file.Find(name))));
            }
        }

        return (types, interfaces);
    }

    // What ends as a TypeLoadException in the middle of a tournament when it is not said here.
    private IEnumerable<PluginProblem> Unimplemented(TypeDefinitionHandle handle, string contract)
    {
        // A member of an interface with a body is an implementation, for C# and for the runtime.
        var own = Ancestry(handle).Types
            .SelectMany(t => t.Type.GetMethods().Select(t.Reader.GetMethodDefinition).Where(m => !IsOpen(t.Type, m)),
                (t, m) => $"{t.Reader.GetString(m.Name)}{SignatureText.Of(m.DecodeSignature(SignatureText.Instance, null))}")
            .ToHashSet(StringComparer.Ordinal);
        return host.Surface.RequiredBy(contract)
            .Where(member => !own.Contains(member) && !own.Contains($"{contract}.{member}"))
            .Select(member => new PluginProblem(PluginProblemCode.InterfaceIncomplete,
                $"'{TypeName.Of(_reader, handle)}' has no {member[..member.IndexOf('(', StringComparison.Ordinal)]} as this host's {
                    contract} demands it.",
                $"Rebuild against Titer.Sdk {host.SdkVersion.Major}.x."));
    }

    private static bool IsOpen(TypeDefinition type, MethodDefinition method) =>
        type.Attributes.HasFlag(TypeAttributes.Interface) && method.Attributes.HasFlag(MethodAttributes.Abstract);

    private (TypeDefinitionHandle OptionsType, PluginProblem? Problem) Options(TypeDefinitionHandle handle)
    {
        var constructors = _reader.GetTypeDefinition(handle).GetMethods().Select(_reader.GetMethodDefinition)
            .Where(m => m.Attributes.HasFlag(MethodAttributes.Public) && !m.Attributes.HasFlag(MethodAttributes.Static)
                && _reader.StringComparer.Equals(m.Name, ".ctor"))
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
