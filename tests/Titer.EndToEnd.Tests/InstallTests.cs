using System.IO.Compression;
using System.Xml.Linq;

namespace Titer.EndToEnd.Tests;

/// <summary>A machine without a clone: an empty folder, a home of its own with an empty package cache, and a folder of Titer's packages.</summary>
public sealed class InstallTests(PackedFeed feed) : IClassFixture<PackedFeed>, IDisposable
{
    private static readonly string Version = XDocument.Load(Path.Combine(TiterProcess.Repository, "Directory.Build.props"))
        .Descendants("Version").Single().Value;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SampledFact]
    public async Task What_the_ten_minutes_page_says_is_typed_in_an_empty_folder_and_ends_with_a_row_on_a_board()
    {
        var (home, work) = Installation();

        var (exitCode, output) = await SystemProgram.RunAsync(work, TimeSpan.FromMinutes(30), Own(home),
            Path.Combine(TiterProcess.Repository, "tests", "install", "type-page"),
            Path.Combine(TiterProcess.Repository, "src", "docs", "ten-minutes.md"));

        Assert.True(exitCode == 0, output);
        TestContext.Current.TestOutputHelper?.WriteLine(output);
        // Restored once, and what a plugin's tests use is the same.
        Assert.Contains("libtorch 2.10.0 is not here yet", output, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(home, "libtorch_cpu.so", new EnumerationOptions { RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.ReparsePoint }));
        Assert.Contains("0 Warning(s)", output, StringComparison.Ordinal);
        Assert.Contains("my_defense: plays by the rules", output, StringComparison.Ordinal);
        // The plugin's folder holds the plugin, and nothing of the host.
        Assert.Equal(["My.Defense.deps.json", "My.Defense.dll", "My.Defense.pdb", "My.Defense.runtimeconfig.json"],
            Directory.EnumerateFileSystemEntries(Path.Combine(work, "My.Defense", "My.Defense", "bin", "Debug", "net10.0"))
                .Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var row = Leaderboard.Read(Path.Combine(work, "My.Defense", "results", "my_defense")).Row("my_defense");
        Assert.Equal("done", (string)row["status"]!);
        Assert.True((int)row["rank"]! > 0);
        // What was made by one version builds on under the next one, and on somebody else's machine.
        Assert.Contains("value=\"%HOME%/.local/share/titer/feed\"", File.ReadAllText(Path.Combine(work, "My.Defense", "nuget.config")),
            StringComparison.Ordinal);
    }

    [SampledFact]
    public async Task Without_a_network_the_tool_says_what_it_lacks_and_takes_a_package_that_was_carried_there()
    {
        var (home, work) = Installation();
        File.WriteAllText(Path.Combine(work, "nuget.config"), "<configuration><packageSources><clear /></packageSources></configuration>");
        await RunAsync(home, work, "dotnet", "tool", "install", "--global", "titer", "--add-source", "../titer-feed");
        var titer = Path.Combine(home, ".dotnet", "tools", "titer");

        Assert.StartsWith($"{Version}", (await RunAsync(home, work, titer, "--version")).Output, StringComparison.Ordinal);
        // What starts no worker needs none.
        Assert.Contains("vaccine", (await RunAsync(home, work, titer, "list", "defenses")).Output, StringComparison.Ordinal);
        var (exitCode, output) = await RunAsync(home, work, titer, "run", "--seeds", "1", "--only", "vaccine", "no_weight_modification");
        Assert.Equal(75, exitCode);
        Assert.Contains("TITER656 libtorch 2.10.0 is not on this machine", output, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(home, ".local", "share", "titer", "feed"), output, StringComparison.Ordinal);
        (exitCode, output) = await RunAsync(home, work, titer, "doctor");
        Assert.Equal(1, exitCode);
        Assert.Contains("BAD torch: TITER656", output, StringComparison.Ordinal);

        var package = Directory.GetFiles(Path.Combine(Cache(), "libtorch-cpu-linux-x64"), "*.nupkg", SearchOption.AllDirectories);
        Assert.SkipWhen(package.Length == 0, "The package cache keeps no packages here.");
        File.CreateSymbolicLink(Path.Combine(home, ".local", "share", "titer", "feed", Path.GetFileName(package[0])), package[0]);
        (exitCode, output) = await RunAsync(home, work, titer, "doctor");
        Assert.True(exitCode == 0, output);
        Assert.Contains("libtorch: libtorch 2.10.0", output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_tools_package_has_what_a_feed_shows_and_no_libtorch()
    {
        Assert.True(File.Exists(Path.Combine(feed.Path, $"titer.{Version}.snupkg")));
        using var package = ZipFile.OpenRead(Path.Combine(feed.Path, $"titer.{Version}.nupkg"));
        var names = package.Entries.Select(e => e.FullName).ToArray();
        Assert.Contains("icon.png", names);
        Assert.Contains("README.md", names);
        Assert.DoesNotContain(names, n => n.Contains("libtorch", StringComparison.Ordinal));
        const string Tool = "tools/net10.0/linux-x64/";
        Assert.All([$"feed/Titer.Sdk.{Version}.nupkg", $"feed/Titer.Sdk.Testing.Xunit.{Version}.nupkg", "templates/titer-metric/tournament.yaml",
            "worker/Titer.Worker.dll", "plugins/Titer.Defenses.Vaccine/Titer.Defenses.Vaccine.dll", "scenarios/apothecary/scenario.yaml"],
            file => Assert.Contains(Tool + file, names));
        using var nuspec = package.GetEntry("titer.nuspec")!.Open();
        var said = XDocument.Load(nuspec).Descendants().Where(e => !e.HasElements).ToLookup(e => e.Name.LocalName, e => e.Value);
        Assert.Equal("MIT", said["license"].Single());
        Assert.Equal(Version, said["version"].Single());
        Assert.All(new[] { "description", "tags", "authors" }, name => Assert.NotEmpty(said[name].Single()));
    }

    [Fact]
    public async Task A_name_that_is_none_or_is_taken_is_refused_and_nothing_is_written()
    {
        async Task RefusedAsync(string code, params string[] arguments)
        {
            var outcome = await TiterProcess.RunAsync(_folder.Path, ["new", .. arguments]);
            Assert.Equal(2, outcome.ExitCode);
            Assert.StartsWith(code, outcome.Error, StringComparison.Ordinal);
        }

        await RefusedAsync("TITER657", "attack", "Some.Attack");
        await RefusedAsync("TITER657", "attack", "Some.Attack", "--feed", "nowhere");
        await RefusedAsync("TITER658", "attack", "1st-attack", "--feed", feed.Path);
        await RefusedAsync("TITER660", "defense", "Vaccine", "--feed", feed.Path);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "Some.Attack")));
        Assert.Equal(0, (await TiterProcess.RunAsync(_folder.Path, "new", "attack", "Some.Attack", "--feed", feed.Path)).ExitCode);
        await RefusedAsync("TITER659", "attack", "Some.Attack", "--feed", feed.Path);
    }

    [SampledTheory]
    [InlineData("write-a-defense.md", "My.Defense")]
    [InlineData("write-an-attack.md", "My.Attack")]
    [InlineData("write-a-metric.md", "My.Metric")]
    public async Task What_a_page_about_plugins_says_is_typed_and_an_editor_knows_the_tournament_of_the_project(string page, string name)
    {
        var (home, work) = Installation();
        await RunAsync(home, work, "dotnet", "tool", "install", "--global", "titer", "--add-source", "../titer-feed");
        var environment = Own(home);
        environment["PATH"] = $"{Path.Combine(home, ".dotnet", "tools")}:{Environment.GetEnvironmentVariable("PATH")}";

        var (exitCode, output) = await SystemProgram.RunAsync(work, TimeSpan.FromMinutes(30), environment,
            Path.Combine(TiterProcess.Repository, "tests", "install", "type-page"),
            Path.Combine(TiterProcess.Repository, "src", "docs", page));

        Assert.True(exitCode == 0, output);
        var first = File.ReadLines(Path.Combine(work, name, "tournament.yaml")).First();
        const string Line = "# yaml-language-server: $schema=";
        Assert.StartsWith(Line, first, StringComparison.Ordinal);
        using var schema = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(work, name, first[Line.Length..])));
        Assert.True(schema.RootElement.GetProperty("properties").TryGetProperty("attacks", out _));
    }

    /// <summary>The kinds that the page does not type.</summary>
    [SampledTheory]
    [InlineData("attack", "Some.Attack")]
    [InlineData("metric", "Other.Metric")]
    public async Task A_new_project_builds_without_a_warning_from_the_packages(string kind, string name)
    {
        var made = await TiterProcess.RunAsync(_folder.Path, "new", kind, name, "--feed", feed.Path, "--json");
        Assert.True(made.ExitCode == 0, made.Error);
        using (var document = System.Text.Json.JsonDocument.Parse(made.Output))
            Assert.Equal(Path.Combine(_folder.Path, name), document.RootElement.GetProperty("folder").GetString());
        var solution = Path.Combine(_folder.Path, name);
        var packages = Directory.CreateDirectory(Path.Combine(_folder.Path, "packages")).FullName;
        var (exitCode, build) = await SystemProgram.RunAsync(solution, TimeSpan.FromMinutes(30), new() { ["NUGET_PACKAGES"] = packages }, "dotnet",
            "build", Path.Combine(solution, name));
        Assert.True(exitCode == 0, build);
        Assert.Contains("0 Warning(s)", build, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(solution, name, "bin", "Debug", "net10.0", $"{name}.dll")));
        Assert.Contains($"\"{name.ToLowerInvariant().Replace('.', '_')}\"", File.ReadAllText(
            Directory.GetFiles(Path.Combine(solution, name), "*.cs").Single()), StringComparison.Ordinal);
    }

    [SampledTheory]
    [InlineData("titer-defense", "My.Defense")]
    [InlineData("titer-attack", "Some.Attack")]
    [InlineData("titer-metric", "Other.Metric")]
    public async Task A_template_builds_without_a_warning_inside_a_clone(string template, string name)
    {
        // Below the repository: the projects find its SDK, and its build settings apply.
        var inside = Path.Combine(TiterProcess.Repository, "artifacts", "template-test", Guid.NewGuid().ToString("N")[..8]);
        Directory.CreateDirectory(inside);
        try
        {
            string[] hive = ["--debug:custom-hive", Path.Combine(_folder.Path, "hive")];
            await SystemProgram.DotNetAsync(inside, ["new", "install", Path.Combine(TiterProcess.Repository, "plugin-template"), .. hive]);
            await SystemProgram.DotNetAsync(inside, ["new", template, "-n", name, .. hive]);
            var build = await SystemProgram.DotNetAsync(Path.Combine(inside, name, name), "build", "-c", "Release",
                $"-p:ArtifactsPath={Path.Combine(_folder.Path, "artifacts")}");
            Assert.Contains("0 Warning(s)", build, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(inside, recursive: true);
        }
    }

    [Fact]
    public void Templates_name_the_version_that_they_come_with()
    {
        var projects = Directory.GetFiles(Path.Combine(TiterProcess.Repository, "plugin-template"), "My*.csproj", SearchOption.AllDirectories);
        Assert.NotEmpty(projects);
        Assert.All(projects, project => Assert.Contains($">{Version}</TiterVersion>", File.ReadAllText(project), StringComparison.Ordinal));
    }

    private static string Cache() => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private (string Home, string Work) Installation()
    {
        var home = Directory.CreateDirectory(Path.Combine(_folder.Path, "home")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(home, "titer-feed"), feed.Path);
        return (home, Directory.CreateDirectory(Path.Combine(home, "work")).FullName);
    }

    private static Task<(int ExitCode, string Output)> RunAsync(string home, string work, string program, params string[] arguments) =>
        SystemProgram.RunAsync(work, TimeSpan.FromMinutes(30), Own(home), program, arguments);

    /// <summary>A user who has nothing: no cache of packages, no installed plugins, no key.</summary>
    private static Dictionary<string, string?> Own(string home) => new()
    {
        ["HOME"] = home,
        ["NUGET_PACKAGES"] = null,
        ["TITER_HOME"] = null,
        ["XDG_CACHE_HOME"] = null,
        ["XDG_DATA_HOME"] = null,
        ["DOTNET_CLI_HOME"] = null,
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
    };
}
