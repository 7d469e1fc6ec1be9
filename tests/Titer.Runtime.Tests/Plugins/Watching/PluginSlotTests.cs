using System.Diagnostics;
using Titer.Files;
using Titer.Plugins;
using Titer.Plugins.Watching;

namespace Titer.Runtime.Tests.Plugins.Watching;

public sealed class PluginSlotTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly PluginRoot _root = PluginRoot.Create();
    private readonly SlotRecorder _said = new();

    public void Dispose()
    {
        _root.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("cp")]
    [InlineData("cp over a running read")]
    [InlineData("mv of the file")]
    [InlineData("mv of the folder")]
    [InlineData("rsync")]
    [InlineData("symlink swap of the folder")]
    [InlineData("git checkout")]
    public async Task Each_way_of_dropping_a_build_gives_exactly_one_reload(string way)
    {
        var (first, second) = (Build("first", 1), Build("second", 2));
        var drop = Path.Combine(_folder.Sub("drop"), "plugin");
        var change = Prepare(way, first, second, drop);
        using var slot = Watch(drop);
        Assert.Single(_said.Builds);

        change();

        await Wait.UntilAsync(() => _said.Builds.Count >= 2, "a second build");
        // Longer than a poll and a settle time: a second reload would have come by now.
        await Task.Delay(TimeSpan.FromSeconds(1.6), TestContext.Current.CancellationToken);
        Assert.Equal([ContentHash.OfFolder(first), ContentHash.OfFolder(second)], _said.Builds);
        Assert.Empty(_said.Refusals);
        await Wait.UntilAsync(() => _said.Gone.Count == 1, "the first build gone");
    }

    [Fact]
    public async Task A_file_that_becomes_a_link_is_refused_and_the_build_before_stays()
    {
        var (first, second) = (Build("first", 1), Build("second", 2));
        var drop = Path.Combine(_folder.Sub("drop"), "plugin");
        var change = Prepare("symlink swap of the file", first, second, drop);
        using var slot = Watch(drop);

        change();

        await Wait.UntilAsync(() => _said.Refusals.Count >= 1, "the refusal");
        Assert.Single(_said.Builds);
        Assert.NotNull(slot.Manifest);
    }

    [Fact]
    public async Task Building_it_with_dotnet_build_gives_exactly_one_reload()
    {
        var project = _folder.Sub("project");
        var output = Path.Combine(project, "bin", "Debug", "net10.0");
        File.WriteAllText(Path.Combine(project, "Built.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework><EnableDynamicLoading>true</EnableDynamicLoading></PropertyGroup>
              <ItemGroup><Reference Include="{typeof(Titer.Sdk.SdkApi).Assembly.Location}" Private="false" /></ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(project, "Built.cs"), Source("built", 1));
        Run(project, "dotnet", "build", "--nologo", "-v", "q");
        using var slot = Watch(output);
        Assert.True(_said.Builds.Count == 1, string.Join('\n', _said.Refusals));

        File.WriteAllText(Path.Combine(project, "Built.cs"), Source("built", 2));
        Run(project, "dotnet", "build", "--nologo", "-v", "q");

        await Wait.UntilAsync(() => _said.Builds.Count >= 2, "a second build");
        await Task.Delay(TimeSpan.FromSeconds(1.6), TestContext.Current.CancellationToken);
        Assert.Equal(2, _said.Builds.Count);
        Assert.Equal(ContentHash.OfFolder(output), _said.Builds[^1]);
    }

    [Theory]
    [InlineData("garbage", PluginProblemCode.Unreadable)]
    [InlineData("constructor throws", PluginProblemCode.ConstructorThrew)]
    [InlineData("removed", PluginProblemCode.FolderMissing)]
    public async Task What_cannot_be_played_keeps_the_old_build_and_says_why(string change, string code)
    {
        var drop = Path.Combine(_folder.Sub("drop"), "plugin");
        Copy(Build("first", 1), drop);
        using var slot = Watch(drop);

        switch (change)
        {
            case "garbage":
                File.WriteAllText(Path.Combine(drop, "Made.dll"), "this is no assembly");
                break;
            case "removed":
                Directory.Delete(drop, recursive: true);
                break;
            default:
                Copy(Compiled("bad",
                    "[assembly: TiterPlugin(\"made\", 1)] public sealed class Made : IDefense { public Made() => throw new Exception(\"no\"); "
                        + "public void Immunize(DefenseContext c) { } }"), drop);
                break;
        }

        await Wait.UntilAsync(() => _said.Refusals.Count >= 1, "a refusal");
        Assert.StartsWith(code, _said.Refusals[^1], StringComparison.Ordinal);
        Assert.Single(_said.Builds);
        using (var lease = slot.Lease()) Assert.Equal("made", lease?.Manifest.Id);

        Copy(Build("third", 3), drop);
        await Wait.UntilAsync(() => _said.Builds.Count == 2, "the build after the mistake");
    }

    [Fact]
    public void A_match_under_way_keeps_the_build_that_it_leased()
    {
        var drop = Path.Combine(_folder.Sub("drop"), "plugin");
        Copy(Build("first", 1), drop);
        using var slot = Watch(drop, watch: false);
        var lease = slot.Lease()!;
        var old = lease.Manifest.ContentHash;

        Copy(Build("second", 2), drop);
        slot.Refresh();

        Assert.Equal(old, lease.Manifest.ContentHash);
        Assert.Null(lease.Try(new Dictionary<string, string>()));
        using (var next = slot.Lease()) Assert.NotEqual(old, next!.Manifest.ContentHash);
        Assert.Empty(_said.Gone);
        lease.Dispose();
        slot.Prove();
        Assert.Equal([1], _said.Gone);
    }

    [Fact]
    public async Task Twelve_builds_dropped_during_matches_fail_none_and_leave_none()
    {
        string[] builds = [Build("b0", 0), Build("b1", 1), Build("b2", 2)];
        var drop = Path.Combine(_folder.Sub("drop"), "plugin");
        Copy(builds[0], drop);
        using var slot = Watch(drop);
        using var ended = new CancellationTokenSource();
        var played = 0;
        var failures = new List<string>();
        var matches = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            while (!ended.IsCancellationRequested)
            {
                using var lease = slot.Lease()!;
                var problem = lease.Try(new Dictionary<string, string>());
                Interlocked.Increment(ref played);
                if (problem is null) continue;
                lock (failures) failures.Add(problem.ToString());
            }
        })).ToArray();

        for (var i = 1; i <= 12; i++)
        {
            if (i % 2 == 0) Copy(builds[i % 3], drop);
            else Rename(builds[i % 3], drop);
            var loaded = i;
            await Wait.UntilAsync(() => _said.Builds.Count > loaded, $"build {loaded}");
        }

        await ended.CancelAsync();
        await Task.WhenAll(matches);
        slot.Prove();
        Assert.Empty(failures);
        Assert.True(played > 12);
        Assert.Empty(_said.Refusals);
        Assert.Empty(_said.Leaks);
        Assert.Equal(Enumerable.Range(1, 12), _said.Gone.Order());
    }

    private PluginSlot Watch(string drop, bool watch = true) => new(_root, drop, _folder.Sub("shadow"), new PluginGate(), _said, watch);

    private Action Prepare(string way, string first, string second, string drop)
    {
        if (way.EndsWith("of the folder", StringComparison.Ordinal) && way.StartsWith("symlink", StringComparison.Ordinal))
        {
            Directory.CreateSymbolicLink(drop, first);
            return () => Run(_folder.Path, "ln", "-sfn", second, drop);
        }

        if (way == "git checkout")
        {
            Directory.CreateDirectory(drop);
            Git(drop, "init", "-q", "-b", "one");
            Copy(first, drop);
            Git(drop, "add", "-A");
            Git(drop, "commit", "-q", "-m", "one");
            Git(drop, "checkout", "-q", "-b", "two");
            Copy(second, drop);
            Git(drop, "commit", "-q", "-a", "-m", "two");
            Git(drop, "checkout", "-q", "one");
            // A repository's own folder is no part of a plugin.
            var repository = Path.Combine(_folder.Sub("repository"), "git");
            Directory.Move(Path.Combine(drop, ".git"), repository);
            return () => Run(drop, "git", $"--git-dir={repository}", $"--work-tree={drop}", "checkout", "-q", "two");
        }

        Copy(first, drop);
        var file = Path.Combine(drop, "Made.dll");
        return way switch
        {
            "cp" => () => Run(_folder.Path, "cp", Path.Combine(second, "Made.dll"), file),
            "cp over a running read" => () => Copy(second, drop),
            "mv of the file" => () => Rename(second, drop),
            "mv of the folder" => () =>
            {
                Directory.Move(drop, drop + ".old");
                var copy = drop + ".new";
                Copy(second, copy);
                Directory.Move(copy, drop);
            },
            "rsync" => () => Run(_folder.Path, "rsync", "-ac", second + "/", drop + "/"),
            _ => () => Run(_folder.Path, "ln", "-sf", Path.Combine(second, "Made.dll"), file),
        };
    }

    private string Build(string name, int version) => Compiled(name, Source("made", version));

    private string Compiled(string name, string source) => PluginCompiler.Compile(_folder.Sub(name), "Made", source);

    private static string Source(string id, int version) =>
        $"using Titer.Sdk; [assembly: TiterPlugin(\"{id}\", 1)] public sealed class Made : IDefense {{ public static int Version "
        + $"=> {version}; public void Immunize(DefenseContext c) {{ }} }}";

    private static void Copy(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.EnumerateFiles(source))
            File.WriteAllBytes(Path.Combine(target, Path.GetFileName(file)), File.ReadAllBytes(file));
    }

    /// <summary>As rsync, mv and most deploy tools do it: written beside, renamed over.</summary>
    private static void Rename(string source, string target)
    {
        var temporary = Path.Combine(target, ".Made.dll.tmp");
        File.Copy(Path.Combine(source, "Made.dll"), temporary);
        Run(target, "mv", temporary, Path.Combine(target, "Made.dll"));
    }

    private static void Git(string folder, params string[] arguments) =>
        Run(folder, "git", ["-c", "user.name=t", "-c", "user.email=t@example.org", .. arguments]);

    private static void Run(string folder, string program, params string[] arguments)
    {
        if (program is "rsync" or "git"
            && !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(p => File.Exists(Path.Combine(p, program))))
            Assert.Skip($"{program} is not installed here.");
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true,
            RedirectStandardError = true };
        // Build servers would outlive the test.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(2))) process.Kill(entireProcessTree: true);
        Assert.True(process.ExitCode == 0, $"{program}: {output.Result}{error.Result}");
    }
}
