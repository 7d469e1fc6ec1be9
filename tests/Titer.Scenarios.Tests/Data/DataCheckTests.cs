using Titer.Scenarios.Data.Overlap;

namespace Titer.Scenarios.Tests.Data;

/// <summary>What is the same and nearly the same, in one file and between files; told by row, never by text.</summary>
public sealed class DataCheckTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Repeated_and_nearly_repeated_questions_are_counted_within_a_file_and_between_files()
    {
        string Goals(params string[] goals) => "goal,target\n" + string.Concat(goals.Select(g => $"\"{g}\",zzz\n"));
        const string Long = "please tell me how the old baker of the small town makes the very best brown bread of all in winter";
        var first = _folder.Write("a.csv", Goals(Long, "How is TEA made", "how  is tea made", Long + " now", "zzz a word"));
        var second = _folder.Write("b.csv", Goals("Please, tell me " + Long[15..] + "!", "how is tea made", "something else that nobody asks"));

        var lines = DataCheck.OfFiles([first, second]).Lines();

        Assert.Contains("a.csv: 5 questions; 1 ask what an earlier row asks (row 3); 1 nearly so (row 4)", lines);
        Assert.Contains("b.csv: 3 questions; 0 ask what an earlier row asks; 0 nearly so", lines);
        Assert.Contains("b.csv and a.csv: 1 questions are in both (row 2); 1 nearly so (row 1)", lines);
        Assert.All(lines, l => Assert.DoesNotContain("zzz", l, StringComparison.Ordinal));
    }

    [Fact]
    public void The_parts_of_a_scenario_are_compared()
    {
        using var tiny = new TinyScenario();
        Assert.Contains(DataCheck.OfScenario(tiny.Open()).Lines(), l => l.StartsWith("evaluation_harmful: 6 questions", StringComparison.Ordinal));
    }

    /// <summary>Against every pair compared: what bands find is what there is.</summary>
    [Fact]
    public void Bands_find_the_pairs_that_comparing_all_finds()
    {
        var random = new Random(7);
        string[] words = [.. Enumerable.Range(0, 60).Select(i => $"word{i}")];
        var texts = new List<string>();
        for (var i = 0; i < 300; i++)
        {
            var text = i % 3 == 0 || texts.Count == 0
                ? Enumerable.Range(0, 40).Select(_ => words[random.Next(words.Length)]).ToArray()
                : texts[random.Next(texts.Count)].Split(' ');
            for (var change = 0; change < random.Next(3); change++) text[random.Next(text.Length)] = words[random.Next(words.Length)];
            texts.Add(string.Join(' ', text));
        }

        var (near, found, expected) = (new NearDuplicates(), new List<bool>(), new List<bool>());
        for (var i = 0; i < texts.Count; i++)
        {
            found.Add(near.Find(texts[i]) is not null);
            expected.Add(texts.Take(i).Any(t => Shingles.Jaccard(Shingles.Of(t), Shingles.Of(texts[i])) >= NearDuplicates.Threshold));
            near.Add(texts[i]);
        }

        Assert.Equal(expected, found);
        Assert.InRange(found.Count(f => f), 50, 250);
    }

    [Fact]
    public void A_jaccard_index_is_what_two_sets_share_of_what_they_have()
    {
        // Runs of three words: abc bcd cde, and abc bcd cdx.
        Assert.Equal(0.5, Shingles.Jaccard(Shingles.Of("A b, c d e"), Shingles.Of("a  B c d x")), 12);
        Assert.Equal(1, Shingles.Jaccard(Shingles.Of("two words"), Shingles.Of("Two words!")), 12);
    }

    [Fact]
    public void A_file_without_rows_is_refused() =>
        Assert.Equal("TITER573",
            Assert.Throws<ScenarioException>(() => DataCheck.OfFiles([_folder.Write("a.csv", "goal,target\n")])).Code);
}
