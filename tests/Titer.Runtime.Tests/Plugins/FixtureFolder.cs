using System.Reflection;

namespace Titer.Runtime.Tests.Plugins;

/// <summary>Where the build leaves the plugins of tests/Fixtures.</summary>
internal static class FixtureFolder
{
    public static string Root { get; } = Path.Combine(RepositoryRoot(), "artifacts", "fixtures",
        typeof(FixtureFolder).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration.ToLowerInvariant());

    public static string Of(string name) => Path.Combine(Root, name);

    public static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Host.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Host.sln is not above the test's folder.");
        return folder;
    }
}
