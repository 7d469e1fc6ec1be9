using System.Reflection;
using Titer.Plugins;

namespace Titer.Sdk.Testing;

/// <summary>Plugins with their default options.</summary>
public static class PluginDefaults
{
    /// <summary>Makes a plugin as the host does when a tournament names it without options.</summary>
    /// <exception cref="ArgumentException">The type has no constructor of a plugin: none without
    /// parameters, and none with one options record.</exception>
    /// <exception cref="TargetInvocationException">The constructor threw.</exception>
    public static object Make(Type plugin)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        if (plugin.GetConstructor(Type.EmptyTypes) is { } bare) return bare.Invoke([]);
        var options = TypeManifest.OptionsTypeOf(plugin)
            ?? throw new ArgumentException($"'{plugin.FullName}' has no public constructor without parameters or with one options record.",
                nameof(plugin));
        return Activator.CreateInstance(plugin, OptionsBinder.Bind(options, new Dictionary<string, string>()))!;
    }
}
