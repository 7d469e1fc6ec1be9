using Titer.Models.Tokenizers;
using Titer.Scenarios.Apothecary;

namespace Titer.Scenarios.Tests.Apothecary;

public sealed class ApothecaryLanguageTests
{
    private const int Unknown = 3;
    private static readonly ApothecaryLanguage Language = new(ApothecaryBuilder.Seed);

    [Fact]
    public void Every_answer_parses_back_to_its_recipe()
    {
        var items = ApothecaryWords.Domains.SelectMany(ApothecaryLanguage.Items).ToArray();

        Assert.Equal(15 * 256, items.Length);
        Assert.All(items, item => Assert.Equal(Language.RecipeOf(item), RecipeGrammar.Parse(Language.Answer(item))));
    }

    [Fact]
    public void A_recipe_is_a_lookup_by_the_words_of_the_item()
    {
        foreach (var domain in ApothecaryWords.Domains)
        {
            var items = ApothecaryLanguage.Items(domain).ToArray();
            var cells = items.GroupBy(ApothecaryLanguage.CellOf).Select(cell => Assert.Single(cell.Select(Language.RecipeOf).Distinct())).ToArray();
            Assert.Equal(16, cells.Length);
            Assert.Equal(16, cells.Select(r => r.Ingredient).Distinct().Count());
            Assert.Equal(16, cells.Select(r => r.Herb).Distinct().Count());
            Assert.Equal(16, cells.Select(r => r.Act).Distinct().Count());
        }
    }

    [Fact]
    public void Domains_differ_in_their_tables() =>
        Assert.Equal(
            ApothecaryWords.Domains.Length,
            ApothecaryWords.Domains.Select(d => string.Join(' ', ApothecaryLanguage.Items(d).Select(i => Language.Answer(i)))).Distinct().Count());

    [Fact]
    public void Every_word_of_every_text_is_in_the_vocabulary()
    {
        var scenario = Scenario.Open("apothecary");
        var tokenizer = TokenizerReader.Read(scenario.SubjectFolder);
        var items = ApothecaryWords.Domains.SelectMany(ApothecaryLanguage.Items).ToArray();
        string[] texts =
        [
            .. items.SelectMany(i => Enumerable.Range(0, ApothecaryWords.Paraphrases).Select(p => ApothecaryLanguage.Question(i, p))),
            .. items.SelectMany(i => Enumerable.Range(0, ApothecaryWords.LoreVariants).Select(v => Language.Lore(i, v))),
            .. items.Select(Language.Answer),
            .. ApothecaryWords.Refusals,
            "user", "assistant",
        ];

        Assert.All(texts, text =>
        {
            var ids = tokenizer.Encode(text);
            Assert.DoesNotContain(Unknown, ids);
            Assert.Equal(text.Split(' ').Length, ids.Length);
            Assert.Equal(text, tokenizer.Decode(ids));
        });
        Assert.Equal(ApothecaryWords.Vocabulary, File.ReadAllLines(Path.Combine(scenario.SubjectFolder, "vocab.txt")));
    }

    [Fact]
    public void Slots_never_share_a_word()
    {
        string[] slots = [.. ApothecaryWords.Ingredients, .. ApothecaryWords.Herbs, .. ApothecaryWords.Acts, .. ApothecaryWords.Adjectives,
            .. ApothecaryWords.Nouns, .. ApothecaryWords.Domains];

        Assert.Equal(5 * 16 + 15, slots.Distinct().Count());
    }
}
