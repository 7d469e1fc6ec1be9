using System.Diagnostics;

namespace Titer.EndToEnd.Tests;

/// <summary>What the SDK's guide says, done as a new user would: in an empty folder outside the repository, with the packages alone.</summary>
public sealed class PackTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(4);

    private readonly TestFolder _folder = new();
    private readonly string _version = $"0.1.0-test.{Guid.NewGuid().ToString("N")[..8]}";

    public void Dispose()
    {
        // Packages of a version that nobody will ask for again.
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (var package in Directory.EnumerateDirectories(cache, "titer.*").Select(p => Path.Combine(p, _version)).Where(Directory.Exists))
            Directory.Delete(package, recursive: true);
        _folder.Dispose();
    }

    [Fact]
    public async Task A_new_defense_is_made_built_tested_validated_packed_installed_and_ranked()
    {
        var feed = Path.Combine(_folder.Path, "feed");
        await DotNetAsync(TiterProcess.Repository, "pack", "Host.sln", "-c", "Release", "-o", feed, "-v", "q", $"-p:Version={_version}",
            $"-p:ArtifactsPath={Path.Combine(_folder.Path, "artifacts")}");
        foreach (var package in new[] { "Titer.Sdk", "Titer.Sdk.Testing", "Titer.Sdk.Testing.Xunit", "Titer.Templates", "Titer.Runtime" })
            Assert.True(File.Exists(Path.Combine(feed, $"{package}.{_version}.nupkg")), package);
        Assert.True(File.Exists(Path.Combine(feed, $"Titer.Sdk.{_version}.snupkg")));

        // new
        var empty = Directory.CreateDirectory(Path.Combine(_folder.Path, "empty")).FullName;
        File.WriteAllText(Path.Combine(empty, "nuget.config"),
            $"<configuration><packageSources><add key=\"feed\" value=\"{feed}\" /></packageSources></configuration>\n");
        string[] hive = ["--debug:custom-hive", Path.Combine(_folder.Path, "hive")];
        await DotNetAsync(empty, ["new", "install", $"Titer.Templates@{_version}", "--add-source", feed, .. hive]);
        await DotNetAsync(empty, ["new", "titer-defense", "-n", "My.Defense", .. hive]);

        // build: the plugin's folder holds the plugin, and nothing of the host
        var solution = Path.Combine(empty, "My.Defense");
        var build = await DotNetAsync(solution, "build", "-c", "Release");
        Assert.Contains("0 Warning(s)", build, StringComparison.Ordinal);
        var output = Path.Combine(solution, "My.Defense", "bin", "Release", "net10.0");
        Assert.Equal(["My.Defense.deps.json", "My.Defense.dll", "My.Defense.pdb", "My.Defense.runtimeconfig.json"],
            Directory.EnumerateFileSystemEntries(output).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        // test: a match in process, and the conformance suite
        var tests = await DotNetAsync(solution, "test", "-c", "Release", "--no-build");
        Assert.Contains("failed: 0", tests, StringComparison.Ordinal);
        Assert.DoesNotContain("succeeded: 0", tests, StringComparison.Ordinal);

        // validate, pack, install
        await TiterAsync("plugin", "validate", output);
        await TiterAsync("plugin", "pack", output, "--out", "share");
        await TiterAsync("plugin", "install", "my_defense", "--source", "share");
        Assert.Contains("my_defense", await TiterAsync("list", "defenses"), StringComparison.Ordinal);

        // a row on the leaderboard
        _folder.Write("t.yaml", """
            name: t
            seeds: [1]
            budget: { attack: { steps: 3 }, defense: { steps: 5 } }
            defenses: [{ id: my_defense, set: { max_steps: 5 } }]
            attacks: [full_parameter_finetune]
            """);
        await TiterAsync("run", "t.yaml");
        var row = Leaderboard.Read(Path.Combine(_folder.Path, "results", "t")).Row("my_defense");
        Assert.Equal("done", (string)row["status"]!);
        Assert.True((int)row["rank"]! > 0);
    }

    [Theory]
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
            await DotNetAsync(inside, ["new", "install", Path.Combine(TiterProcess.Repository, "plugin-template"), .. hive]);
            await DotNetAsync(inside, ["new", template, "-n", name, .. hive]);
            var build = await DotNetAsync(Path.Combine(inside, name, name), "build", "-c", "Release",
                $"-p:ArtifactsPath={Path.Combine(_folder.Path, "artifacts")}");
            Assert.Contains("0 Warning(s)", build, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(inside, recursive: true);
        }
    }

    private async Task<string> TiterAsync(params string[] arguments)
    {
        var outcome = await TiterProcess.RunAsync(_folder.Path, arguments);
        Assert.True(outcome.ExitCode == 0, $"titer {string.Join(' ', arguments)}: {outcome.Output}{outcome.Error}");
        return outcome.Output;
    }

    private async Task<string> DotNetAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true,
            RedirectStandardError = true };
        start.Environment["TiterVersion"] = _version;
        // Build servers would outlive the test.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        using var process = Process.Start(start)!;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            var text = await output + await error;
            Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}:\n{text}");
            return text;
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
