using System.Reflection;
using System.Runtime.Loader;
using McMaster.NETCore.Plugins;
using Microsoft.Extensions.Logging;
using Titer.Sdk;
using TorchSharp;

namespace Titer.Plugins.Loading;

/// <summary>
/// McMaster's resolver, and nothing more of it: no hot reload of its own (it misses atomic renames), and only the three assemblies shared
/// whose types cross the border.
/// </summary>
internal sealed class McMasterAssembly(string path) : IPluginAssembly
{
    private readonly PluginLoader _loader =
        PluginLoader.CreateFromAssemblyFile(path, isUnloadable: true, sharedTypes: [typeof(IDefense), typeof(torch), typeof(ILogger)], config =>
    {
        foreach (var own in OwnAssemblies(path)) config.PrivateAssemblies.Add(own);
    });

    public AssemblyLoadContext Context => _loader.LoadContext;

    public Assembly Load() => _loader.LoadDefaultAssembly();

    /// <summary>
    /// What the plugin brings is its own. Without this the loader shares all that the shared assemblies reference in their turn, and a plugin with
    /// an older library gets the host's. Assemblies of .NET itself stay .NET's, unless the plugin's is newer.
    /// </summary>
    private static IEnumerable<AssemblyName> OwnAssemblies(string path)
    {
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, "*.dll").Where(f => !HostFacts.IsShared(Path.GetFileName(f))))
        {
            if (NameOf(file) is { Name: { } name, Version: { } version } assembly && !(HostFacts.FrameworkVersion(name) >= version))
                yield return assembly;
        }
    }

    private static AssemblyName? NameOf(string file)
    {
        try
        {
            return AssemblyName.GetAssemblyName(file);
        }
        catch (Exception e) when (e is BadImageFormatException or IOException)
        {
            // A native library.
            return null;
        }
    }

    public void Dispose() => _loader.Dispose();
}
