using Autofac;

namespace Titer.Plugins;

/// <summary>The container in which plugins get their scopes. Whoever loads plugins holds one; only this project knows what is in it.</summary>
public sealed class PluginRoot : IDisposable
{
    private readonly IContainer? _own;

    public PluginRoot(ILifetimeScope scope) => Scope = scope;

    private PluginRoot(IContainer container) => Scope = _own = container;

    internal ILifetimeScope Scope { get; }

    /// <summary>One of its own, for a process that has no container.</summary>
    public static PluginRoot Create() => new(new ContainerBuilder().Build());

    public void Dispose() => _own?.Dispose();
}
