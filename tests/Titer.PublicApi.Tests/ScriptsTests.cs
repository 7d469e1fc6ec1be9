using System.Text.RegularExpressions;

namespace Titer.PublicApi.Tests;

/// <summary>A script that ends at its first failure ends at no other.</summary>
public sealed partial class ScriptsTests
{
    /// <summary>
    /// Under <c>pipefail</c> a reader that leaves before its writer has ended makes the writer's broken pipe a failure: one time in five on a quiet
    /// machine, without a word.
    /// </summary>
    [Fact]
    public void No_script_that_ends_at_failures_has_a_reader_that_leaves_its_pipe_early()
    {
        // What is sourced is as strict as whoever sources it.
        var strict = Scripts().Where(s => s.Path.EndsWith(".sh", StringComparison.Ordinal) || s.Lines.Any(EndsAtFailures().IsMatch)).ToArray();
        Assert.Contains(strict, s => s.Path == "src/publish");
        Assert.Contains(strict, s => s.Path == "src/bare-machine.sh");

        var early = strict.SelectMany(s => Outside(s.Lines).Where(l => EarlyReader().IsMatch(l)).Select(l => $"{s.Path}: {l.Trim()}")).ToArray();

        Assert.True(early.Length == 0, $"Let these read to the end: {string.Join("; ", early)}");
    }

    [Theory]
    [InlineData("x | grep -q y", true)]
    [InlineData("x | head -1", true)]
    [InlineData("x | awk '/y/ { print; exit }'", true)]
    [InlineData("x | sed -n '3p;3q'", true)]
    [InlineData("x | grep y > /dev/null", false)]
    [InlineData("x | tail -1", false)]
    [InlineData("x || exit 1", false)]
    public void An_early_reader_is_known(string line, bool isEarly) => Assert.Equal(isEarly, EarlyReader().IsMatch(line));

    /// <summary>What a script writes for others is theirs: between a word behind &lt;&lt; and that word.</summary>
    private static IEnumerable<string> Outside(IEnumerable<string> lines)
    {
        string? until = null;
        foreach (var line in lines)
        {
            if (until is null) yield return line;
            if (until is not null && line == until) until = null;
            else if (until is null && Written().Match(line) is { Success: true } begins) until = begins.Groups[1].Value;
        }
    }

    private static IEnumerable<(string Path, string[] Lines)> Scripts() => MapTests.Files
        .Where(f => Path.GetExtension(f) is "" or ".sh")
        .Select(f => (f, Path.Combine(MapTests.Repository, f))).Where(f => File.Exists(f.Item2))
        .Select(f => (f.f, File.ReadAllLines(f.Item2)))
        .Where(f => f.Item1.EndsWith(".sh", StringComparison.Ordinal)
            || (f.Item2.Length > 0 && f.Item2[0].StartsWith("#!", StringComparison.Ordinal) && f.Item2[0].Contains("sh", StringComparison.Ordinal)));

    [GeneratedRegex(@"(?<!\|)\|(?!\|)\s*(grep\s+(-\w*q|--quiet)|head\b|(awk|sed)\b.*\b(exit|\d*q)\b)")]
    private static partial Regex EarlyReader();

    [GeneratedRegex("^set -e.*pipefail")]
    private static partial Regex EndsAtFailures();

    [GeneratedRegex(@"<<-?\s*'?(\w+)'?\s*$")]
    private static partial Regex Written();
}
