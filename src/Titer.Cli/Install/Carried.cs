using System.Reflection;

namespace Titer.Cli.Install;

/// <summary>What lies beside the program wherever it is installed: as a tool, as an archive, or built in a clone.</summary>
internal static class Carried
{
    /// <summary>The SDK's packages, which projects of plugins are built against; missing in a clone.</summary>
    public static string Feed { get; } = Path.Combine(AppContext.BaseDirectory, "feed");

    /// <summary>One folder a kind of plugin, as <c>dotnet new</c> takes them.</summary>
    public static string Templates { get; } = Path.Combine(AppContext.BaseDirectory, "templates");

    /// <summary>The documentation, as Markdown.</summary>
    public static string Pages { get; } = Path.Combine(AppContext.BaseDirectory, "docs");

    /// <summary>The worker's program.</summary>
    public static string Worker { get; } = Path.Combine(AppContext.BaseDirectory, "worker", "Titer.Worker.dll");

    /// <summary>For example <c>0.2.0+4f1c...</c>: SemVer, and the commit where it was built in a clone.</summary>
    public static string Version { get; } =
        typeof(Carried).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Without the commit: that of the packages.</summary>
    public static string PackageVersion { get; } = Version.Split('+')[0];

    /// <summary>The libtorch that TorchSharp was compiled against.</summary>
    public static string LibtorchVersion { get; } =
        typeof(Carried).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == nameof(LibtorchVersion)).Value!;
}
