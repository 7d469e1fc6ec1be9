using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using Autofac;
using Spectre.Console;
using Titer.Cli.Commands;

namespace Titer.Cli.Tests;

/// <summary>Every command that a page tells people to type is one that titer knows.</summary>
public sealed partial class DocumentedCommandsTests
{
    private static readonly string Repository = TestRepository.Root;

    public static TheoryData<string> Pages() => new(((string[])["README.md", "src/CHANGELOG.md", "plugin-template/README.md"])
        .Concat(new[] { "src", "sdk", "tests", "plugin-template" }.SelectMany(folder =>
            Directory.EnumerateFiles(Path.Combine(Repository, folder), "*.md", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(Repository, file)))).Distinct().Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Pages))]
    public void The_commands_of_a_page_parse(string page)
    {
        var root = Root();
        var wrong = Commands(File.ReadAllText(Path.Combine(Repository, page)))
            .Select(line => (Line: line, Errors: root.Parse(CommandLineParser.SplitCommandLine(line).Skip(1).ToArray()).Errors))
            .Where(c => c.Errors.Count > 0).Select(c => $"{c.Line}: {c.Errors[0].Message}").ToArray();
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void A_command_that_does_not_exist_is_seen()
    {
        Assert.Equal(["titer run t.yaml --lanes 2", "titer plan", "titer export vaccine --seed 1 --out x"], Commands("""
            ```sh
            titer run t.yaml --lanes 2   # a comment
            cd x && titer plan
            titer export vaccine \
              --seed 1 --out x
            echo titer
            ```
            Text: titer walks.
            """));
        Assert.NotEmpty(Root().Parse(["walk"]).Errors);
        Assert.NotEmpty(Root().Parse(["run", "--lane", "2"]).Errors);
        Assert.Contains(Pages(), page => page.Data == Path.Combine("src", "docs", "ten-minutes.md"));
    }

    internal static RootCommand Root()
    {
        var builder = new ContainerBuilder();
        builder.RegisterInstance(AnsiConsole.Console).As<IAnsiConsole>();
        builder.RegisterModule<CommandLineModule>();
        return builder.Build().Resolve<CommandLine>().Root();
    }

    /// <summary>Lines of blocks that begin with the program's name; what a line is an example of (<c>[FILE]</c>, <c>...</c>) is left out.</summary>
    private static string[] Commands(string page) =>
    [
        .. Block().Matches(page.ReplaceLineEndings("\n"))
            .SelectMany(b => b.Groups[1].Value.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n'))
            .SelectMany(line => Comment().Replace(line, "").Split(["&&", ";", " | ", " > "], StringSplitOptions.None))
            .Select(part => Blanks().Replace(part.Trim(), " ").TrimStart('$', ' '))
            .Where(part => part.StartsWith("titer ", StringComparison.Ordinal)),
    ];

    [GeneratedRegex(@"^```(?:sh|bash|console)?\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\s#.*$")]
    private static partial Regex Comment();

    [GeneratedRegex(" +")]
    private static partial Regex Blanks();
}
