using System.Reflection;
using Microsoft.Extensions.Logging;
using Titer.Plugins.Metadata;
using Titer.Sdk;

namespace Titer.Plugins;

/// <summary>What this host offers to plugins. Read from files: neither TorchSharp nor libtorch is loaded for it.</summary>
public sealed class HostFacts
{
    /// <summary>The only statement of which API levels this host plays.</summary>
    public const int OldestApiLevel = 1;

    /// <inheritdoc cref="OldestApiLevel"/>
    public const int NewestApiLevel = SdkApi.Level;

    /// <summary>Assemblies that host and plugins share; never loaded from a plugin's folder.</summary>
    internal static readonly IReadOnlyList<string> SharedAssemblies = ["Titer.Sdk", "TorchSharp", "Microsoft.Extensions.Logging.Abstractions"];

    private HostFacts(string sdkPath)
    {
        Sdk = AssemblyFile.Open(sdkPath) ?? throw new BadImageFormatException($"'{sdkPath}' is no .NET assembly.");
        Surface = new SdkSurface(Sdk);
        TorchSharpVersion = Sdk.References.First(r => r.Name == "TorchSharp").Version;
    }

    public Version SdkVersion => Sdk.Version;

    /// <summary>The TorchSharp that the SDK, and with it the host, is built on.</summary>
    public Version TorchSharpVersion { get; }

    public Version RuntimeVersion { get; } = Environment.Version;

    internal AssemblyFile Sdk { get; }

    internal SdkSurface Surface { get; }

    /// <summary>Facts of the running host, from the SDK assembly beside it.</summary>
    public static HostFacts Read() => new(typeof(SdkApi).Assembly.Location);

    /// <summary>What the host logs through, and its version.</summary>
    internal static (string Name, Version Version) Logging
    {
        get
        {
            var name = typeof(ILogger).Assembly.GetName();
            return (name.Name!, name.Version!);
        }
    }

    /// <summary>Whether .NET itself brings the assembly; what lies beside the host is the host's own.</summary>
    internal static bool IsOfFramework(string assembly) => FrameworkVersion(assembly) is not null;

    /// <summary>The version that .NET brings; null when it brings none.</summary>
    internal static Version? FrameworkVersion(string assembly)
    {
        var path = Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, $"{assembly}.dll");
        return File.Exists(path) ? AssemblyName.GetAssemblyName(path).Version : null;
    }

    internal static bool IsShared(string fileName) =>
        SharedAssemblies.Any(name => fileName.Equals($"{name}.dll", StringComparison.OrdinalIgnoreCase));
}
