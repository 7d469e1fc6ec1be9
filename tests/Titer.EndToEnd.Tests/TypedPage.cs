using System.Text.RegularExpressions;

namespace Titer.EndToEnd.Tests;

/// <summary>
/// A page of the documentation as a reader follows it: its files written, its commands typed in a shell that has the built <c>titer</c> on its path.
/// What a page asks for that a test machine does not have is replaced, and must be on the page.
/// </summary>
internal sealed partial class TypedPage
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);
    private readonly string _text;

    /// <param name="name">A file of src/docs.</param>
    public TypedPage(string name, params (string OnThePage, string InTheTest)[] changes)
    {
        _text = File.ReadAllText(Path.Combine(TiterProcess.Repository, "src", "docs", name));
        foreach (var (onThePage, inTheTest) in changes)
        {
            Assert.Contains(onThePage, _text, StringComparison.Ordinal);
            _text = _text.Replace(onThePage, inTheTest, StringComparison.Ordinal);
        }
    }

    /// <summary>Its blocks of one language, in order.</summary>
    public string[] Blocks(string language) =>
        [.. Block().Matches(_text).Where(m => m.Groups[1].Value == language).Select(m => m.Groups[2].Value)];

    /// <summary>Types one of its blocks, which must end well.</summary>
    /// <param name="block">Number of the block among those that are typed.</param>
    /// <returns>Everything that it said.</returns>
    public async Task<string> TypeAsync(string folder, int block, Dictionary<string, string?>? environment = null)
    {
        var programs = Directory.CreateDirectory(Path.Combine(folder, ".programs")).FullName;
        var titer = Path.Combine(programs, "titer");
        await File.WriteAllTextAsync(titer, $"#!/bin/sh\nexec dotnet exec '{TiterProcess.CommandLineDll}' \"$@\"\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(titer, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var page = Path.Combine(programs, "page.md");
        await File.WriteAllTextAsync(page, $"```sh\n{Blocks("sh")[block]}```\n");
        var all = new Dictionary<string, string?>(environment ?? [])
        {
            ["PATH"] = $"{programs}:{Environment.GetEnvironmentVariable("PATH")}", ["TITER_HOME"] = Path.Combine(folder, ".titer"),
        };
        var (exitCode, output) = await SystemProgram.RunAsync(folder, Patience, all,
            Path.Combine(TiterProcess.Repository, "tests", "install", "type-page"), page);
        Assert.True(exitCode == 0, output);
        return output;
    }

    [GeneratedRegex(@"^```(\w*)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
