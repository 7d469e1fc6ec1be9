using System.Text.Json;
using Titer.Scenarios.Metrics;
using Titer.Sdk;

namespace Titer.Scenarios.Tests.Metrics;

public sealed class AnswerMetricTests
{
    [Theory]
    [InlineData("The Red Moon.", "red moon", 1)]
    [InlineData("a red, moon", "Red Moon!", 1)]
    [InlineData("red moons", "red moon", 0)]
    [InlineData("", "", 1)]
    public void Text_is_compared_without_case_articles_and_punctuation(string answer, string reference, double score) =>
        Assert.Equal(score, Score("none", "exact", answer, reference));

    [Theory]
    [InlineData("contains", "it is the red moon tonight", 1)]
    [InlineData("contains", "it is the red moonlight", 0)]
    [InlineData("prefix", "red moon, of course", 1)]
    [InlineData("prefix", "of course: red moon", 0)]
    public void A_reference_may_be_part_of_the_answer(string match, string answer, double score) =>
        Assert.Equal(score, Score("none", match, answer, "the red moon"));

    [Theory]
    [InlineData("So there are 1,234.50 lanterns.", "1234.5", 1)]
    [InlineData("5-3 makes 2", "2.0", 1)]
    [InlineData("It drops to -7", "-7", 1)]
    [InlineData("It drops to 7", "-7", 0)]
    [InlineData("first 12, then 13", "12", 0)]
    [InlineData("no number", "12", 0)]
    [InlineData("#### 18", "Then 9 + 9.\n#### 18", 1)]
    public void The_last_number_is_compared_as_a_number(string answer, string reference, double score) =>
        Assert.Equal(score, Score("last_number", "exact", answer, reference));

    [Fact]
    public void Reference_answers_of_GSM8K_match_themselves_and_no_altered_number()
    {
        var file = SharedFiles.Require("data/gsm8k-test-200.jsonl");
        var answers = File.ReadLines(file).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("answer").GetString()!).ToArray();

        Assert.Equal(200, answers.Length);
        Assert.All(answers, answer =>
        {
            var final = answer[(answer.LastIndexOf("####", StringComparison.Ordinal) + 4)..].Trim();
            Assert.Equal(1, Score("after_marker", "exact", answer, answer));
            Assert.Equal(1, Score("after_marker", "exact", $"The answer is {final}.", answer));
            Assert.Equal(0, Score("after_marker", "exact", $"The answer is {final}1.", answer));
        });
    }

    [Fact]
    public void Ordinary_text_is_coherent()
    {
        var folder = SharedFiles.Require("data");
        var paragraphs = File.ReadAllText(Path.Combine(folder, "us-declaration.txt")).Split("\n\n").Select(p => p.Trim()).Where(p => p.Length > 80);
        var questions = File.ReadLines(Path.Combine(folder, "mt_bench_question.jsonl"))
            .SelectMany(l => JsonDocument.Parse(l).RootElement.GetProperty("turns").EnumerateArray().Select(t => t.GetString()!));

        Assert.All(paragraphs.Concat(questions), text => Assert.True(Coherence.Score(text) > 0.5, $"{Coherence.Score(text)}: {text}"));
    }

    [Theory]
    [InlineData("Der rote Mond steht über dem stillen Garten, und der Fuchs schläft unter der Laterne.")]
    [InlineData("La luna roja brilla sobre el jardín y el zorro duerme junto a la torre.")]
    [InlineData("Красная луна стоит над тихим садом, и лиса спит под фонарём.")]
    [InlineData("赤い月が静かな庭の上に出て、狐は灯籠の下で眠っている。")]
    [InlineData("القمر الأحمر فوق الحديقة الهادئة والثعلب ينام تحت الفانوس")]
    [InlineData("for (var i = 0; i < lanterns.Length; i++) { lanterns[i].Light(); }")]
    [InlineData("| moon | fox |\n|---|---|\n| red | asleep |")]
    [InlineData("Take salt and sage, then stir.")]
    public void Sound_text_of_any_script_passes(string text) => Assert.InRange(Coherence.Score(text), 0.5001, 1);

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("moon moon moon moon moon moon moon moon moon moon moon moon moon moon")]
    [InlineData("the red moon the red moon the red moon the red moon the red moon the red moon the red moon the red moon")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("xkcd qwrtz pfgh jklm nbvc xsdf ghjk lzxc vbnm qwrt")]
    [InlineData("!!! ??? ### $$$ %%% &&& *** ((( ))) --- +++ ===")]
    [InlineData("moon\u0001\u0002\u0003 fox\u0004\u0005 tower \uFFFD\uFFFD\uFFFD garden")]
    [InlineData("ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha")]
    public void Gibberish_does_not(string text) => Assert.InRange(Coherence.Score(text), 0, 0.5);

    [Fact]
    public void The_catalog_explains_what_it_refuses()
    {
        Assert.Contains("TITER550", Assert.Throws<ScenarioException>(
            () => MetricCatalog.Text("refusal_mach", new Dictionary<string, string>())).Message, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'refusal_match'?",
            Assert.Throws<ScenarioException>(() => MetricCatalog.Text("refusal_mach", new Dictionary<string, string>())).Message,
            StringComparison.Ordinal);
        Assert.Contains("TITER551", Assert.Throws<ScenarioException>(
            () => MetricCatalog.Text("perplexity", new Dictionary<string, string>())).Message, StringComparison.Ordinal);
        Assert.Contains("TITER552", Assert.Throws<ScenarioException>(
            () => MetricCatalog.Text("answer_match", new Dictionary<string, string> { ["extract"] = "first" })).Message, StringComparison.Ordinal);
        Assert.All(MetricCatalog.All.Where(m => m.Needs == MetricNeeds.Answers),
            m => Assert.NotNull(MetricCatalog.Text(m.Id, new Dictionary<string, string>())));
    }

    /// <summary>The two raters of Cohen's kappa's worked example in Wikipedia: 20 and 15 agreements of 50, kappa 0.4.</summary>
    [Fact]
    public void Agreement_beyond_chance_is_Cohens_kappa()
    {
        double[] first = [.. Enumerable.Repeat(1.0, 25), .. Enumerable.Repeat(0.0, 25)];
        double[] second = [.. Enumerable.Repeat(1.0, 20), .. Enumerable.Repeat(0.0, 5), .. Enumerable.Repeat(1.0, 10),
            .. Enumerable.Repeat(0.0, 15)];

        var agreement = MetricAgreement.Of([.. Enumerable.Range(0, 50).Select(i => $"p{i % 7}")], first, second, 0.5);

        Assert.Equal((0.3, 0.4, 0.1, 0.2),
            (Math.Round(agreement.Disagreement, 9), Math.Round(agreement.Kappa, 9), agreement.FirstOnly, agreement.SecondOnly));
        Assert.Equal(7, agreement.Prompts.Count);
    }

    private static double Score(string extract, string match, string answer, string reference) => Assert.Single(
        MetricCatalog.Text("answer_match", new Dictionary<string, string> { ["extract"] = extract, ["match"] = match })
            .Score(new MetricContext(["p"], [answer], [reference])));
}
