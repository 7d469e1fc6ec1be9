using System.Text.RegularExpressions;
using Titer.Files.Codes;

namespace Titer.PublicApi.Tests;

/// <summary>The page of codes and the sources say the same. Read from the sources: a rule that is broken names the code and where.</summary>
public sealed partial class CodesTests
{
    private const string Page = "src/Titer.Files/Codes/";

    /// <summary>Listed, said, and named by no test yet: to be made shorter only.</summary>
    private static readonly string[] NotYetReached =
    [
        "TITER123", "TITER156", "TITER209", "TITER210", "TITER211", "TITER212", "TITER217",
        "TITER233", "TITER401", "TITER404", "TITER407", "TITER425", "TITER507", "TITER538",
        "TITER543", "TITER608", "TITER821",
    ];

    private static readonly string Repository = TestRepository.Root;

    /// <summary>Lines that are no comments.</summary>
    private static readonly (string File, string[] Lines)[] Sources =
    [
        .. new[] { "src", "sdk", "plugins" }.SelectMany(Files).Where(file => !file.StartsWith(Page, StringComparison.Ordinal))
            .Select(file => (file, CodeLines(file))),
    ];

    [Fact]
    public void Every_code_of_the_sources_is_listed_in_the_rooms_that_say_it_and_no_others()
    {
        var said = Sources.SelectMany(s => s.Lines.SelectMany(line => Code().Matches(line).Select(m => (Code: m.Value, Room: RoomOf(s.File)))))
            .Distinct().GroupBy(s => s.Code, s => s.Room).ToDictionary(g => g.Key, g => string.Join(", ", g.Order(StringComparer.Ordinal)));
        var listed = CodePage.All.ToDictionary(c => c.Code, c => string.Join(", ", c.Rooms.Order(StringComparer.Ordinal)));
        Assert.Empty(said.Keys.Except(listed.Keys).Select(code => $"{code} of {said[code]} is not listed"));
        Assert.Empty(listed.Keys.Except(said.Keys).Select(code => $"{code} is listed, and nothing says it"));
        // A second room is how a second meaning comes in: it is allowed by name only.
        Assert.Empty(said.Where(s => s.Value != listed[s.Key]).Select(s => $"{s.Key} is said by {s.Value}; listed are {listed[s.Key]}"));
    }

    [Fact]
    public void A_code_has_one_entry_with_a_meaning_a_cause_and_a_fix_in_one_line_each()
    {
        Assert.Equal(CodePage.All.Select(c => c.Code).Distinct(), CodePage.All.Select(c => c.Code));
        Assert.Equal(CodePage.All.Select(c => c.Meaning).Distinct(), CodePage.All.Select(c => c.Meaning));
        Assert.All(CodePage.All, c =>
        {
            Assert.Equal(c.Code, Code().Match(c.Code).Value);
            Assert.All([c.Meaning, c.Cause, c.Fix], text => Assert.Matches(@"^\S[^\n]*[^\s.]\.?$", text));
        });
    }

    [Fact]
    public void A_code_that_is_a_constant_is_used_under_its_name()
    {
        var names = Constants();
        Assert.NotEmpty(names);
        var unused = names.Where(n => !Sources.Any(s => s.Lines.Any(line => !Constant().IsMatch(line) && Names(line, n.Name))));
        Assert.Empty(unused.Select(n => $"{n.Code} is the constant {n.Name}, which nothing uses"));
    }

    [Fact]
    public void A_code_is_named_by_a_test_or_is_known_to_be_by_none()
    {
        var names = Constants().ToLookup(n => n.Code, n => $@"{n.Type}\.{n.Name}");
        var tests = string.Join('\n', Files("tests").Where(file => Path.GetFileName(file) != "CodesTests.cs").SelectMany(CodeLines));
        var missing = CodePage.All.Select(c => c.Code)
            .Where(code => !tests.Contains(code, StringComparison.Ordinal) && !names[code].Any(name => Names(tests, name)));
        Assert.Equal(NotYetReached, missing);
    }

    /// <summary>Constants of one code, and the type that has them: <c>DiskCode</c> of <c>TITER232</c>.</summary>
    private static (string Code, string Type, string Name)[] Constants() =>
    [
        .. Sources.SelectMany(s => s.Lines.Select(line => Constant().Match(line)).Where(m => m.Success)
            .Select(m => (m.Groups[2].Value, Path.GetFileNameWithoutExtension(s.File), m.Groups[1].Value))),
    ];

    /// <param name="name">An expression that matches it.</param>
    private static bool Names(string text, string name) => Regex.IsMatch(text, $@"\b{name}\b");

    private static string RoomOf(string file) => Path.GetDirectoryName(file)!.Split('/', 2)[1];

    private static IEnumerable<string> Files(string folder) => Directory
        .EnumerateFiles(Path.Combine(Repository, folder), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
        .Select(file => Path.GetRelativePath(Repository, file));

    private static string[] CodeLines(string file) =>
        [.. File.ReadLines(Path.Combine(Repository, file)).Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal))];

    [GeneratedRegex("TITER[0-9]{3}")]
    private static partial Regex Code();

    [GeneratedRegex("(?:const string|ConformanceCheck) (\\w+)[^\"]*\"(TITER[0-9]{3})\"")]
    private static partial Regex Constant();
}
