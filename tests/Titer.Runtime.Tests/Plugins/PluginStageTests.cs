using System.Runtime.Loader;
using Titer.Files;
using Titer.Plugins;
using Titer.Plugins.Loading;
using Titer.Runtime.Phases;
using Titer.Sdk;
using Titer.Tournament;

namespace Titer.Runtime.Tests.Plugins;

public sealed class PluginStageTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly PluginRoot _root = PluginRoot.Create();

    public void Dispose()
    {
        _root.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void What_the_method_throws_comes_back_as_text()
    {
        using var stage = PluginStage.Open(_root, Order("ThrowsInMethod"));
        Assert.Null(stage.Problem);
        Assert.Equal("throws_in_method", stage.Manifest.Id);
        Assert.Equal("ThrowsInMethod.GivingUpException: the method gave up", stage.Immunize(null!, new Dictionary<string, string>())?.ToString());
    }

    [Fact]
    public void What_the_constructor_throws_comes_back_with_its_code()
    {
        using var stage = PluginStage.Open(_root, Order("ThrowsInConstructor"));
        var fault = stage.Immunize(null!, new Dictionary<string, string>());
        Assert.Equal("ThrowsInConstructor.BadMoodException", fault?.Kind);
        Assert.StartsWith(PluginProblemCode.ConstructorThrew, fault?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_plugin_is_a_problem()
    {
        using var stage = PluginStage.Open(_root, Order("ApiTooNew", hash: "any"));
        Assert.Equal(PluginProblemCode.ApiTooNew, stage.Problem?.Code);
    }

    [Fact]
    public void A_build_that_the_tournament_was_not_planned_with_is_a_problem()
    {
        using var stage = PluginStage.Open(_root, Order("GoodDefense", hash: new string('0', 64)));
        Assert.Equal(PluginProblemCode.FilesChanged, stage.Problem?.Code);
    }

    [Fact]
    public void A_private_copy_of_a_shared_assembly_is_noticed_after_loading()
    {
        var manifest = new PluginGate().Inspect(FixtureFolder.Of("GoodDefense")).Plugin!.Manifest;
        var context = new AssemblyLoadContext("private", isCollectible: true);
        context.LoadFromAssemblyPath(typeof(SdkApi).Assembly.Location);
        Assert.Equal(PluginProblemCode.SharedAssemblyPrivate, SharedAssemblyCheck.Of(manifest, context)?.Code);
        context.Unload();
    }

    private PhaseOrder Order(string fixture, string? hash = null)
    {
        var folder = FixtureFolder.Of(fixture);
        return new PhaseOrder
        {
            Phase = new Phase
            {
                Id = "0123456789abcdef",
                Kind = PhaseKind.Defend,
                Defense = new Entrant { Id = fixture, Label = fixture, ContentHash = hash ?? ContentHash.OfFolder(folder) },
                Seed = 1,
                RandomSeed = 1,
            },
            ScenarioPartFile = "none",
            SubjectFolder = "none",
            Device = "cpu",
            Limits = new PhaseLimits { Steps = 1, WallSeconds = 1 },
            PluginFolder = folder,
            ScratchFolder = _folder.Sub("scratch"),
        };
    }
}
