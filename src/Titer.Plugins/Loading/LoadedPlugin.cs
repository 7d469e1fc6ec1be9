using System.Reflection;
using System.Runtime.CompilerServices;
using Autofac;
using Titer.Plugins.Metadata;
using Titer.Sdk;

namespace Titer.Plugins.Loading;

/// <summary>
/// The parts of a generation that hold on to plugin types, together: assembly, container scope, entry type. Dropped as a whole. The scope goes
/// before the load context, else its caches would keep the context.
/// </summary>
internal sealed class LoadedPlugin : IDisposable
{
    private readonly IPluginAssembly _assembly;
    private readonly Type? _optionsType;

    private LoadedPlugin(IPluginAssembly assembly, ILifetimeScope scope, Type? optionsType) =>
        (_assembly, Scope, _optionsType) = (assembly, scope, optionsType);

    public ILifetimeScope Scope { get; }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static (LoadedPlugin? Loaded, PluginProblem? Problem) Open(
        ILifetimeScope root, PluginManifest manifest, Func<IPluginAssembly> open, Action? runs)
    {
        IPluginAssembly? assembly = null;
        try
        {
            assembly = open();
            runs?.Invoke();
            var main = assembly.Load();
            if (SharedAssemblyCheck.Of(manifest, assembly.Context) is { } problem)
            {
                assembly.Dispose();
                return (null, problem);
            }

            var entry = main.GetType(manifest.EntryType, throwOnError: true)!;
            var contract = ContractOf(manifest.Kind);
            if (!entry.IsAssignableTo(contract)) throw new InvalidCastException($"'{entry.FullName}' is no {contract.Name} of the host.");
            var options = manifest.OptionsType is null ? null : main.GetType(manifest.OptionsType, throwOnError: true);
            // The load-context scope has reflection caches of its own; those of an ordinary child scope would pin the plugin.
            var scope = root.BeginLoadContextLifetimeScope(assembly.Context, builder => builder.RegisterType(entry).As(contract));
            return (new LoadedPlugin(assembly, scope, options), null);
        }
        catch (Exception e)
        {
            // Whatever the loader or a module initializer throws is a fact about the plugin.
            assembly?.Dispose();
            return (null, new PluginProblem(PluginProblemCode.LoadFailed, $"'{manifest.Id}' cannot be loaded: {PluginFault.Of(e)}",
                "Rebuild it against this host's Titer.Sdk with all its dependencies in its folder."));
        }
    }

    public WeakReference WeakContext() => new(_assembly.Context, trackResurrection: true);

    /// <summary>The options record as a container parameter; none when the plugin has no options.</summary>
    /// <exception cref="TargetInvocationException">The record's constructor threw.</exception>
    public TypedParameter[] Options(IReadOnlyDictionary<string, string> values) =>
        _optionsType is null ? [] : [new TypedParameter(_optionsType, OptionsBinder.Bind(_optionsType, values))];

    public void Dispose()
    {
        Scope.Dispose();
        _assembly.Dispose();
    }

    private static Type ContractOf(PluginKind kind) => kind switch
    {
        PluginKind.Defense => typeof(IDefense),
        PluginKind.Attack => typeof(IAttack),
        _ => typeof(IMetric),
    };
}
