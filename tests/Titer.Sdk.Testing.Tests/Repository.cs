using System.Runtime.CompilerServices;
using Titer.Models.Native;

namespace Titer.Sdk.Testing.Tests;

/// <summary>Where the build leaves plugins and programs of this configuration.</summary>
internal static class Repository
{
    private static readonly string Configuration = new DirectoryInfo(AppContext.BaseDirectory).Name.Split('_')[0];

    public static string Worker { get; } =
        Path.Combine(Root(), "artifacts", "bin", "Titer.Cli", new DirectoryInfo(AppContext.BaseDirectory).Name, "worker", "Titer.Worker.dll");

    public static string Bundled { get; } = Path.Combine(Root(), "artifacts", "plugins", Configuration);

    public static string Fixture(string name) => Path.Combine(Root(), "artifacts", "fixtures", Configuration, name);

    /// <summary>Before any test touches torch: its own loader fails on older systems and copies half a gigabyte while doing so.</summary>
    [ModuleInitializer]
    internal static void LoadTorch() => NativeTorch.EnsureLoaded();

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Host.sln")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("Host.sln is not above the test's folder.");
        return folder.FullName;
    }
}
