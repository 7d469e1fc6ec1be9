using System.Runtime.Versioning;
using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>The shells themselves complete what is typed, by the scripts that titer prints.</summary>
[SupportedOSPlatform("linux")]
public sealed class CompletionTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public CompletionTests()
    {
        var launcher = _folder.Write("titer", $"#!/bin/sh\nexec dotnet exec {TiterProcess.CommandLineDll} \"$@\"\n");
        File.SetUnixFileMode(launcher, File.GetUnixFileMode(launcher) | UnixFileMode.UserExecute);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("titer expl", "explain")]
    [InlineData("titer plugin va", "validate")]
    [InlineData("titer explain TITER21", "TITER218")]
    [InlineData("titer run --lan", "--lanes")]
    public async Task Bash_completes_verbs_options_and_values(string typed, string completed)
    {
        var words = typed.Split(' ');
        var output = await InAsync("bash", $$"""
            set -e
            source <(titer completion bash)
            COMP_WORDS=({{typed}}); COMP_CWORD={{words.Length - 1}}; COMP_LINE='{{typed}}'; COMP_POINT={{typed.Length}}
            _titer
            printf '%s\n' "${COMPREPLY[@]}"
            """);
        Assert.Contains(completed, output);
        Assert.All(output, line => Assert.StartsWith(words[^1], line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Zsh_completes_a_verb()
    {
        var output = await InAsync("zsh", """
            compdef() { :; }
            compadd() { shift; print -l -- ${(P)1}; }
            source <(titer completion zsh)
            words=(titer plugin va); CURRENT=3
            _titer
            """);
        Assert.Equal(["validate"], output);
    }

    [Fact]
    public async Task Fish_completes_a_verb()
    {
        var output = await InAsync("fish", "titer completion fish | source\ncomplete -C 'titer plugin va'\n");
        Assert.Contains("validate", output);
    }

    [Fact]
    public async Task Help_lists_its_pages_prints_one_and_names_the_nearest_to_one_that_is_not_there()
    {
        var listed = await TiterProcess.RunAsync(_folder.Path, "help");
        Assert.Contains("ten-minutes", listed.Output, StringComparison.Ordinal);
        var page = await TiterProcess.RunAsync(_folder.Path, "help", "ten-minutes");
        Assert.StartsWith("# Ten minutes", page.Output, StringComparison.Ordinal);
        var wrong = await TiterProcess.RunAsync(_folder.Path, "help", "ten-minuts");
        Assert.Equal(2, wrong.ExitCode);
        Assert.StartsWith("TITER661", wrong.Error, StringComparison.Ordinal);
        Assert.Contains("'ten-minutes'", wrong.Error, StringComparison.Ordinal);
    }

    [SampledFact]
    public async Task Plan_says_what_is_left_and_a_report_prints_what_its_file_holds()
    {
        _folder.Write("t.yaml", "name: t\nseeds: [1]\nbudget: { attack: { steps: 1 }, defense: { steps: 1 } }\ndefenses: []\nattacks: []\n");
        var before = await TiterProcess.RunAsync(_folder.Path, "plan", "--no-estimate", "t.yaml");
        var run = await TiterProcess.RunAsync(_folder.Path, "run", "t.yaml", "--json");
        var after = await TiterProcess.RunAsync(_folder.Path, "plan", "--no-estimate", "t.yaml", "--left");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.DoesNotContain("Left to play: 0", before.Output, StringComparison.Ordinal);
        Assert.Contains("Left to play: 0 of", after.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("defend no_defense", after.Output, StringComparison.Ordinal);
        var report = await TiterProcess.RunAsync(_folder.Path, "report", "results/t", "--json");
        Assert.Equal(WithoutOpinions(run.Output), WithoutOpinions(report.Output));
    }

    /// <summary>Second opinions ask metrics about answers, which a report does not.</summary>
    private static string WithoutOpinions(string board)
    {
        var json = JsonNode.Parse(board)!.AsObject();
        json.Remove("second_opinions");
        return json.ToJsonString();
    }

    private async Task<string[]> InAsync(string shell, string script)
    {
        Assert.SkipUnless((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(p => File.Exists(Path.Combine(p, shell))),
            $"{shell} is not installed.");
        var file = _folder.Write("script", script);
        var (exitCode, output) = await SystemProgram.RunAsync(_folder.Path, TimeSpan.FromMinutes(4),
            new() { ["PATH"] = $"{_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}", ["HOME"] = _folder.Path }, shell, file);
        Assert.True(exitCode == 0, output);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
