using System.IO.Compression;
using System.Text.Json.Nodes;
using Titer.Files;
using Titer.Plugins;
using Titer.Plugins.Packaging;
using Titer.Runtime.Tests.Plugins;

namespace Titer.Runtime.Tests.Packaging;

/// <summary>A home folder and a feed of their own, real packages, and the means to damage them.</summary>
internal sealed class PackageBench : IDisposable
{
    public static readonly PluginGate Gate = new();

    private readonly TestFolder _folder = new();

    public PackageBench()
    {
        Home = new TiterHome(Path.Combine(_folder.Path, "home"));
        Installer = new PluginInstaller(Home, Gate, time: new FixedTime());
    }

    public TiterHome Home { get; }

    public PluginInstaller Installer { get; }

    public string Feed => Path.Combine(_folder.Path, "feed");

    public string PluginFolder(string id) => Path.Combine(Home.PluginsFolder, id);

    public TestFolder Folder => _folder;

    public string PackGood() => Pack(FixtureFolder.Of("GoodDefense"));

    /// <summary>Compiles and packs a defense that does nothing.</summary>
    public string PackMade(string version, string id = "made_up", string assembly = "Made.Up") => Pack(Compile(version, id, assembly));

    public string Compile(string version, string id = "made_up", string assembly = "Made.Up") => PluginCompiler.Compile(
        _folder.Sub($"{assembly}-{id}-{version}"), assembly,
        $$"""
        [assembly: TiterPlugin("{{id}}", 1)]
        [assembly: System.Reflection.AssemblyInformationalVersion("{{version}}")]
        public sealed class D : IDefense { public void Immunize(DefenseContext context) { } }
        """);

    public string Pack(string pluginFolder)
    {
        var outcome = new PluginPackage(Gate).Pack(pluginFolder, Feed);
        Assert.DoesNotContain(outcome.Problems, p => p.Severity == ProblemSeverity.Error);
        return outcome.File!;
    }

    public static void Change(string package, Action<ZipArchive> change)
    {
        using var archive = ZipFile.Open(package, ZipArchiveMode.Update);
        change(archive);
    }

    /// <summary>Replaces or adds one file of a package.</summary>
    public static void Put(string package, string name, byte[] content) => Change(package, archive =>
    {
        archive.GetEntry(name)?.Delete();
        using var stream = archive.CreateEntry(name).Open();
        stream.Write(content);
    });

    public static byte[] Bytes(string package, string name)
    {
        using var archive = ZipFile.OpenRead(package);
        using var stream = archive.GetEntry(name)!.Open();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    public static void ChangeManifest(string package, Action<JsonObject> change)
    {
        var manifest = JsonNode.Parse(Bytes(package, "titer-plugin.json"))!.AsObject();
        change(manifest);
        Put(package, "titer-plugin.json", System.Text.Encoding.UTF8.GetBytes(manifest.ToJsonString()));
    }

    /// <summary>Installs what must be refused, and checks that it left nothing.</summary>
    public PluginProblem Refused(string package)
    {
        var before = Left();
        var outcome = Installer.Install(package);
        Assert.Null(outcome.Record);
        Assert.Equal(before, Left());
        var problem = outcome.Problems[0];
        Assert.False(string.IsNullOrWhiteSpace(problem.Fact) || string.IsNullOrWhiteSpace(problem.Fix));
        Assert.DoesNotContain(Home.StagingFolder, problem.ToString(), StringComparison.Ordinal);
        return problem;
    }

    /// <summary>Every file under the home folder but its lock, with its content, and every plugin folder.</summary>
    public string[] Left() => !Directory.Exists(Home.Path) ? [] :
    [
        .. Directory.EnumerateFiles(Home.Path, "*", SearchOption.AllDirectories).Where(f => f != Home.LockFile)
            .Select(f => $"{f} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f)))}")
            .Order(StringComparer.Ordinal),
        .. Directory.Exists(Home.PluginsFolder) ? Directory.GetDirectories(Home.PluginsFolder) : [],
        .. Directory.Exists(Home.StagingFolder) ? ["staging"] : Array.Empty<string>(),
    ];

    public void Dispose() => _folder.Dispose();

    public sealed class FixedTime : TimeProvider
    {
        public static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
