namespace Titer.PublicApi.Tests;

/// <summary>A line is read without scrolling.</summary>
public sealed class LinesTests
{
    private const int MostColumns = 149;

    /// <summary>Templates of a judge's prompt, whose line breaks are the judge's.</summary>
    private static readonly string[] Excepted = ["src/Titer.Rubric/RubricOptions.cs"];

    [Fact]
    public void Lines_of_code_end_before_column_150()
    {
        var tooLong = Sources().SelectMany(LongLines).ToArray();
        Assert.True(tooLong.Length == 0, $"Break these lines: {string.Join(", ", tooLong)}");
    }

    private static IEnumerable<string> LongLines(string path) =>
        File.ReadLines(Path.Combine(MapTests.Repository, path))
            .Select((line, index) => (line, place: $"{path}:{index + 1}"))
            .Where(l => l.line.Length > MostColumns && !(path.StartsWith("tests/", StringComparison.Ordinal) && IsData(l.line)))
            .Select(l => l.place);

    /// <summary>Rows of data in a test are what they are: one string that fills the line.</summary>
    private static bool IsData(string line) => line.Count(c => c == '"') > 1 && Longest(line.Split([" + ", ", "], StringSplitOptions.None)) > 100
        || line.Contains("{{", StringComparison.Ordinal);

    private static int Longest(string[] parts) => parts.Max(p => p.Length);

    private static IEnumerable<string> Sources() => MapTests.Files.Where(f =>
        f.EndsWith(".cs", StringComparison.Ordinal) && !f.StartsWith("tests/Fixtures.Binary/", StringComparison.Ordinal) && !Excepted.Contains(f));
}
