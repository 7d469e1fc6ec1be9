using System.Runtime.CompilerServices;
using Titer.Models.Native;

namespace Titer.Sdk.Testing.Tests;

/// <summary>Where the build leaves plugins and programs of this configuration.</summary>
internal static class Repository
{
    public static string Worker { get; } =
        Path.Combine(TestRepository.Root, "artifacts", "bin", "Titer.Cli", TestRepository.Build, "worker", "Titer.Worker.dll");

    public static string Bundled => TestRepository.Plugins;

    public static string Fixture(string name) => Path.Combine(TestRepository.Fixtures, name);

    /// <summary>Before any test touches torch: its own loader fails on older systems and copies half a gigabyte while doing so.</summary>
    [ModuleInitializer]
    internal static void LoadTorch() => NativeTorch.EnsureLoaded();
}
