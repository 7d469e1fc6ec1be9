using System.Reflection;
using System.Runtime.Loader;

namespace Titer.Plugins.Loading;

/// <summary>A plugin's assembly in a collectible load context. The one place where a resolver can be
/// exchanged. Disposing asks for the unload.</summary>
internal interface IPluginAssembly : IDisposable
{
    AssemblyLoadContext Context { get; }

    Assembly Load();
}
