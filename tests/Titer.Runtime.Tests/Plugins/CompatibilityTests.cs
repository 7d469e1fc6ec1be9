using Titer.Plugins;

namespace Titer.Runtime.Tests.Plugins;

/// <summary>A plugin built against the first SDK is kept as a binary, and never rebuilt: every later host of this major must play it.</summary>
public sealed class CompatibilityTests : IDisposable
{
    private static readonly string Folder = Path.Combine(TestRepository.Root, "tests", "Fixtures.Binary", "FirstSdkPlugin");

    private readonly TestFolder _folder = new();
    private readonly PluginRoot _root = PluginRoot.Create();

    public void Dispose()
    {
        _root.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_plugin_of_the_first_SDK_passes_the_gate_is_made_and_unloads()
    {
        var verdict = new PluginGate().Inspect(Folder);
        Assert.True(verdict.IsAccepted, string.Join('\n', verdict.Problems));
        Assert.Empty(verdict.Advice);
        Assert.Equal("steps", Assert.Single(verdict.Plugin!.Manifest.Options.Fields).Name);

        Assert.True(PluginGeneration.TryLoad(_root, verdict.Plugin, _folder.Sub("shadow"), out var generation, out var problem),
            problem?.ToString());
        Assert.Null(PluginTrial.Of(generation));
        generation.Retire();
        Assert.True(generation.ProveUnloaded());
    }
}
