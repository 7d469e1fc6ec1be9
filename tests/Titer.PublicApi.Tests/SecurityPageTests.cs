using System.Text.RegularExpressions;

namespace Titer.PublicApi.Tests;

/// <summary>The security page claims what a test shows, and nothing else.</summary>
public sealed partial class SecurityPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(MapTests.Repository, "src", "Titer.Cli", "SECURITY.md"));

    [Fact]
    public void Tests_that_the_security_page_names_exist()
    {
        var named = TestName().Matches(Page).Select(m => (Class: m.Groups[1].Value, Method: m.Groups[2].Value)).ToArray();
        var missing = named.Where(n =>
            !MapTests.Files.Where(f => Path.GetFileName(f) == n.Class + ".cs" && f.StartsWith("tests/", StringComparison.Ordinal))
            .Any(f => File.ReadAllText(Path.Combine(MapTests.Repository, f)).Contains($" {n.Method}(", StringComparison.Ordinal))).ToArray();

        Assert.True(named.Length > 10, "The page names no tests.");
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_wall_of_the_security_page_names_a_test()
    {
        var walls = Page[Page.IndexOf("## What each wall stops", StringComparison.Ordinal)..Page.IndexOf("## What is left",
            StringComparison.Ordinal)];
        var rows = walls.Split('\n').Where(l => l.StartsWith("| ", StringComparison.Ordinal)).Skip(1).ToArray();

        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Matches(TestName(), row));
    }

    [GeneratedRegex(@"`([A-Z]\w+Tests)\.(\w+)`")]
    private static partial Regex TestName();
}
