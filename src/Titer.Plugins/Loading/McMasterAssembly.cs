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
    private readonly PluginLoader _loader = PluginLoader.CreateFromAssemblyFile(path, isUnloadable: true, sharedTypes: [typeof(IDefense), typeof(torch), typeof(ILogger)]);

    public AssemblyLoadContext Context => _loader.LoadContext;

    public Assembly Load() => _loader.LoadDefaultAssembly();

    public void Dispose() => _loader.Dispose();
}
