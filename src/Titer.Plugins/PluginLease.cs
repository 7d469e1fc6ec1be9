using System.Runtime.CompilerServices;
using Autofac;
using Titer.Plugins.Loading;
using Titer.Sdk;

namespace Titer.Plugins;

/// <summary>A plugin object, or why there is none.</summary>
public sealed record PluginCreation<T>(T? Plugin, PluginProblem? Problem, PluginFault? Fault = null)
    where T : class;

/// <summary>
/// The right to use one generation for one match. Objects made through it live until it is disposed. Constructors run on the calling thread:
/// call inside <see cref="DedicatedThread.Run"/>, and keep no plugin object beyond the lease.
/// </summary>
public sealed class PluginLease : IDisposable
{
    private PluginGeneration? _generation;
    private LoadedPlugin? _loaded;
    private ILifetimeScope? _match;

    internal PluginLease(PluginGeneration generation, LoadedPlugin loaded)
    {
        (_generation, _loaded, Manifest) = (generation, loaded, generation.Manifest);
        _match = loaded.Scope.BeginLifetimeScope("match");
    }

    public PluginManifest Manifest { get; }

    /// <param name="options">Settings by name; absent ones keep their defaults.</param>
    public PluginCreation<IDefense> CreateDefense(IReadOnlyDictionary<string, string> options) => Create<IDefense>(PluginKind.Defense, options);

    /// <inheritdoc cref="CreateDefense"/>
    public PluginCreation<IAttack> CreateAttack(IReadOnlyDictionary<string, string> options) => Create<IAttack>(PluginKind.Attack, options);

    /// <inheritdoc cref="CreateDefense"/>
    public PluginCreation<IMetric> CreateMetric(IReadOnlyDictionary<string, string> options) => Create<IMetric>(PluginKind.Metric, options);

    /// <summary>Makes the plugin as what it is, and drops it.</summary>
    /// <returns>Why it cannot be made; null when it can.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal PluginProblem? Try(IReadOnlyDictionary<string, string> options) => Manifest.Kind switch
    {
        PluginKind.Defense => CreateDefense(options).Problem,
        PluginKind.Attack => CreateAttack(options).Problem,
        _ => CreateMetric(options).Problem,
    };

    /// <summary>The options record of these settings; null when the plugin has none. Not to be kept beyond the lease.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal object? OptionsOf(IReadOnlyDictionary<string, string> options) => _loaded!.Options(options) is [var parameter] ? parameter.Value : null;

    /// <summary>Disposes the plugin objects: code of the plugin. What it throws changes nothing: its result is already taken.</summary>
    public void EndMatch()
    {
        var match = Interlocked.Exchange(ref _match, null);
        _loaded = null;
        try
        {
            match?.Dispose();
        }
        catch (Exception e)
        {
            DisposeFault = PluginFault.Of(e);
        }
    }

    /// <summary>Ends the lease, after the match, and unloads the generation if it is retired and this was its last lease.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _generation, null) is not { } generation) return;
        EndMatch();
        generation.Release();
    }

    /// <summary>What the plugin's own Dispose threw; null when nothing.</summary>
    public PluginFault? DisposeFault { get; private set; }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private PluginCreation<T> Create<T>(PluginKind kind, IReadOnlyDictionary<string, string> options)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(options);
        ObjectDisposedException.ThrowIf(_match is null, this);
        if (Manifest.Kind != kind)
            return new(null,
                new(PluginProblemCode.WrongKind, $"'{Manifest.Id}' is of kind {Manifest.Kind}, not {kind}.", "List it under its own kind."));
        if (Manifest.Options.Check(options) is [var problem, ..]) return new(null, problem);
        try
        {
            return new(_match.Resolve<T>(_loaded!.Options(options)), null);
        }
        catch (Exception e)
        {
            // Constructors are plugin code: the text survives, the object does not.
            return Refusal<T>(e);
        }
    }

    private PluginCreation<T> Refusal<T>(Exception exception)
        where T : class
    {
        var cause = PluginFault.Cause(exception);
        if (cause is TypeInitializationException { InnerException: { } initializer })
        {
            var first = PluginFault.Of(initializer);
            return new(null, new(PluginProblemCode.StaticConstructorThrew, $"A static constructor or static field of '{Manifest.Id}' threw {first}",
                "Correct the plugin's static initialization."), first);
        }

        var fault = PluginFault.Of(cause);
        return new(null, new(PluginProblemCode.ConstructorThrew, $"The constructor of '{Manifest.Id}' threw {fault}",
            "Correct the plugin, or the options that it was given."), fault);
    }
}
