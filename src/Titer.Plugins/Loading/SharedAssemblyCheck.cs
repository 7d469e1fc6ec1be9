using System.Reflection;
using System.Runtime.Loader;
using Microsoft.Extensions.Logging;
using Titer.Sdk;
using TorchSharp;

namespace Titer.Plugins.Loading;

/// <summary>After loading: shared names must lead to the host's own assemblies, or the plugin's interfaces are not the host's.</summary>
internal static class SharedAssemblyCheck
{
    public static PluginProblem? Of(PluginManifest manifest, AssemblyLoadContext context)
    {
        foreach (var host in new[] { typeof(SdkApi).Assembly, typeof(torch).Assembly, typeof(ILogger).Assembly })
        {
            var name = host.GetName().Name!;
            if (manifest.References.All(r => r.Name != name)) continue;
            if (!ReferenceEquals(context.LoadFromAssemblyName(new AssemblyName(name)), host))
                return new(PluginProblemCode.SharedAssemblyPrivate, $"'{manifest.Id}' found a {name} of its own in place of the host's.",
                    $"Reference {name} with ExcludeAssets=\"runtime;native\", and remove {name}.dll from the plugin's folder.");
        }

        return null;
    }
}
