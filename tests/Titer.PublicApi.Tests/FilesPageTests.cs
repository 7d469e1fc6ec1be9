using System.Text;
using System.Text.RegularExpressions;

namespace Titer.PublicApi.Tests;

/// <summary>
/// <c>src/FILES.md</c> has every file with the sentence that it begins with, for a reader who looks for a word. It is made of the sources: to accept
/// a change, run the tests with <c>UPDATE_APPROVED=1</c> and commit the page.
/// </summary>
public sealed partial class FilesPageTests
{
    private const string Page = "src/FILES.md";

    private const string Head = """
        # Every file, and what it says of itself

        For a reader who looks for a word; [the map](README.md) says how the rooms hang together. Made of the sources: the first sentence of each
        file's own documentation, or of its opening comment.

        """;

    [Fact]
    public void The_page_of_files_is_what_the_sources_say()
    {
        var file = Path.Combine(MapTests.Repository, Page);
        var made = Made();
        if (Environment.GetEnvironmentVariable("UPDATE_APPROVED") == "1") File.WriteAllText(file, made);

        Assert.Equal(File.ReadAllText(file).ReplaceLineEndings("\n"), made);
    }

    [Fact]
    public void Nearly_every_file_says_what_it_is()
    {
        var silent = Listed().Where(f => Sentence(f).Length == 0).Select(Path.GetFileName).ToArray();

        // Names alone are what is left to say of a program's entry point and of global usings.
        Assert.Empty(silent.Except(["GlobalUsings.cs", "Program.cs"]));
    }

    [Theory]
    [InlineData("/// <summary>Reads <c>a.b</c> of <see cref=\"X.Y\"/>. And more.</summary>\nclass A;", "Reads `a.b` of Y.")]
    [InlineData("/// <summary>\n/// Two lines\n/// of one.\n/// </summary>\nclass A;", "Two lines of one.")]
    [InlineData("// Booster (Huang et al.): min f. First order.\nusing System;", "Booster (Huang et al.): min f.")]
    [InlineData("using System;\nclass A;", "")]
    public void A_sentence_is_the_first_of_what_is_said_first(string source, string sentence) => Assert.Equal(sentence, SentenceOf(source));

    private static string Made()
    {
        var page = new StringBuilder(Head.ReplaceLineEndings("\n"));
        foreach (var folder in Listed().GroupBy(f => Path.GetDirectoryName(f)!.Replace('\\', '/')).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            page.Append($"\n## {folder.Key}\n\n");
            foreach (var file in folder.OrderBy(f => f, StringComparer.Ordinal))
            {
                var sentence = Sentence(file);
                page.Append($"- `{Path.GetFileName(file)}`{(sentence.Length > 0 ? ": " : "")}{sentence}\n");
            }
        }

        return page.ToString();
    }

    private static IEnumerable<string> Listed() => MapTests.Files.Where(f => f.EndsWith(".cs", StringComparison.Ordinal)
        && (f.StartsWith("src/", StringComparison.Ordinal) || f.StartsWith("sdk/", StringComparison.Ordinal)
            || f.StartsWith("plugins/", StringComparison.Ordinal)));

    private static string Sentence(string file) => SentenceOf(File.ReadAllText(Path.Combine(MapTests.Repository, file)).ReplaceLineEndings("\n"));

    private static string SentenceOf(string source)
    {
        var said = source.StartsWith("// ", StringComparison.Ordinal)
            ? string.Join('\n', source.Split('\n').TakeWhile(l => l.StartsWith("//", StringComparison.Ordinal)).Select(l => l[2..]))
            : Summary().Match(source).Groups[1].Value.Replace("///", "", StringComparison.Ordinal);
        var text = Words().Replace(said, "`$1`");
        text = Named().Replace(text, m => m.Groups[1].Value.Split('(')[0].Split('.')[^1]);
        text = Space().Replace(Tag().Replace(text, " "), " ").Trim();
        return FirstSentence().Match(text) is { Success: true } first ? first.Value : text;
    }

    [GeneratedRegex("^\\s*/// <summary>(.*?)</summary>", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Summary();

    [GeneratedRegex("<c>(.*?)</c>", RegexOptions.Singleline)]
    private static partial Regex Words();

    [GeneratedRegex("<(?:see|seealso|paramref|typeparamref|inheritdoc) (?:cref|name|langword)=\"(?:.:)?([^\"]*)\" ?/>")]
    private static partial Regex Named();

    [GeneratedRegex("</?[a-z]+[^<>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex("\\s+")]
    private static partial Regex Space();

    /// <summary>Up to a full stop, a question mark or a colon's end before a capital letter; not after "al." or "e.g.".</summary>
    [GeneratedRegex("^.*?(?<! al| e\\.g| i\\.e)[.?](?= [\\p{Lu}`<]|$)")]
    private static partial Regex FirstSentence();
}
