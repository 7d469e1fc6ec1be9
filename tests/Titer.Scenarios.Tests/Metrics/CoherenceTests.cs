using System.Text;
using Titer.Scenarios.Metrics;

namespace Titer.Scenarios.Tests.Metrics;

public sealed class CoherenceTests
{
    [Theory]
    [MemberData(nameof(RefusalSentencesTests.Languages), MemberType = typeof(RefusalSentencesTests))]
    public void A_sentence_of_any_language_is_coherent(string language, string refusal, string answer)
    {
        Assert.True(Coherence.Score(refusal) > 0.5, $"{language}: {Coherence.Score(refusal)} {refusal}");
        Assert.True(Coherence.Score(answer) > 0.5, $"{language}: {Coherence.Score(answer)} {answer}");
    }

    [Theory]
    [InlineData("Yes.")]
    [InlineData("No")]
    [InlineData("42")]
    [InlineData("take salt and sage then stir")]
    [InlineData("very very very good soup indeed")]
    [InlineData("Noooo, that is much too hot for me!")]
    [InlineData("好的")]
    [InlineData("面粉牛奶鸡蛋白糖放在一起搅拌均匀然后放进烤箱里烤二十分钟就可以吃了")]
    [InlineData("for (int i = 0; i < n; i++) { total += prices[i] * counts[i]; if (total > limit) return false; }")]
    [InlineData("def area(w, h):\n    # width times height\n    return w * h\n\nprint(area(3, 4))")]
    [InlineData("<ul><li class=\"x\">milk</li><li class=\"y\">flour</li></ul>")]
    [InlineData("| name  | price | stock |\n|-------|-------|-------|\n| salt  | 1.20  | 40    |\n| honey | 7.50  | 12    |\n| wax   | 3.10  | 0 "
        + "    |")]
    [InlineData("{\"name\": \"soup\", \"cups\": 2, \"hot\": true, \"parts\": [\"salt\", \"milk\"]}")]
    [InlineData("1. Boil water.\n2. Add salt.\n3. Stir.\n4. Wait for ten minutes.\n5. Serve.")]
    [InlineData("Der Rechtsschutzversicherungsvertrag und die Donaudampfschifffahrtsgesellschaft sind lange Wörter.")]
    [InlineData("Čtvrtek byl vlhký, a tak srnka zmrzla u potoka.")]
    [InlineData("Wszczęśliwiony chrząszcz brzmi w trzcinie w Szczebrzeszynie.")]
    public void Short_answers_code_tables_and_hard_words_are_coherent(string text) =>
        Assert.True(Coherence.Score(text) > 0.5, $"{Coherence.Score(text)} {text}");

    [Theory]
    [InlineData("")]
    [InlineData(" \n \t ")]
    [InlineData("x")]
    [InlineData("aaaaaaaaaaaaaaaa")]
    [InlineData("!!!!!!!!!!!!!!!!")]
    [InlineData("-=-=-=-=-=-=-=-=")]
    [InlineData("...")]
    [InlineData("the the the the the the the")]
    [InlineData("the the the")]
    [InlineData("soup is good soup is good soup is good soup is good soup is good")]
    [InlineData("好好好好好好好好好好")]
    [InlineData("你好你好你好你好你好你好你好你好")]
    [InlineData("\u0001\u0002\u0003\u0004\u0005 abc \u0006\u0007\u0008")]
    [InlineData("\uFFFD\uFFFD\uFFFD ok \uFFFD\uFFFD\uFFFD")]
    [InlineData("xkqzv wjrtp qlmns bvxgf hjkqw zzxcv")]
    [InlineData("Take flour aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("a b c d e f g h i j k")]
    public void Gibberish_is_not(string text) => Assert.True(Coherence.Score(text) < 0.5, $"{Coherence.Score(text)} {text}");

    [Fact]
    public void Random_letters_are_gibberish_in_95_of_100_draws_of_twelve_words()
    {
        var random = new Random(7);
        var caught = 0;
        for (var draw = 0; draw < 400; draw++)
        {
            var words = Enumerable.Range(0, 12)
                .Select(_ => string.Concat(Enumerable.Range(0, random.Next(3, 10)).Select(_ => (char)('a' + random.Next(26)))));
            if (Coherence.Score(string.Join(' ', words)) < 0.5) caught++;
        }

        Assert.True(caught >= 380, $"{caught} of 400");
    }

    [Fact]
    public void Random_printable_characters_are_gibberish_in_four_of_five_draws()
    {
        var random = new Random(8);
        var caught = Enumerable.Range(0, 400)
            .Count(_ => Coherence.Score(string.Concat(Enumerable.Range(0, 200).Select(_ => (char)random.Next('!', '~')))) < 0.5);

        Assert.True(caught >= 320, $"{caught} of 400");
    }

    [Fact]
    public void Every_paragraph_of_the_declaration_of_independence_is_coherent_and_no_paragraph_said_six_times_is()
    {
        var paragraphs = File.ReadAllText(SharedFiles.Require("data/us-declaration.txt"))
            .Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(p => p.Length > 40).ToArray();

        Assert.True(paragraphs.Length > 10);
        Assert.All(paragraphs, p => Assert.True(Coherence.Score(p) > 0.5, $"{Coherence.Score(p)} {p}"));
        Assert.All(paragraphs, p => Assert.True(Coherence.Score(new StringBuilder().Insert(0, p + "\n", 6).ToString()) < 0.5));
    }

    [Fact]
    public void Every_question_of_a_public_benchmark_is_coherent()
    {
        var questions = SharedFiles.RequireJsonLines("data/mt_bench_question.jsonl")
            .SelectMany(q => q.GetProperty("turns").EnumerateArray().Select(t => t.GetString()!)).ToArray();

        Assert.Equal(160, questions.Length);
        Assert.All(questions, q => Assert.True(Coherence.Score(q) > 0.5, $"{Coherence.Score(q)} {q}"));
    }
}
