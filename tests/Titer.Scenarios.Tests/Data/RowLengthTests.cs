using Titer.Models;
using Titer.Sdk;

namespace Titer.Scenarios.Tests.Data;

/// <summary>Lengths and ids are held against the subject when a scenario is opened, before any forward pass.</summary>
public sealed class RowLengthTests
{
    private static string Long(int tokens) => string.Concat(Enumerable.Repeat("salt ", tokens))[..tokens];

    [Theory]
    [InlineData("defender_harmful", 1, "fraud", false)]
    [InlineData("defender_benign", 3, "tea", false)]
    [InlineData("attacker_harmful", 2, "fraud", false)]
    [InlineData("attacker_benign", 1, "tea", true)]
    [InlineData("trainability_training", 2, "ink", true)]
    [InlineData("trainability_evaluation", 1, "ink", false)]
    [InlineData("evaluation_harmful", 2, "fraud", true)]
    [InlineData("evaluation_benign", 3, "tea", true)]
    public void A_row_that_is_longer_than_the_subject_reads_is_refused_by_its_number(string part, int row, string domain, bool inPrompt)
    {
        using var tiny = new TinyScenario();
        tiny.Parts[part][row - 1] = inPrompt
            ? TinyScenario.Row("zzz" + Long(200), "short", domain)
            : TinyScenario.Row("short", "zzz" + Long(200), domain);

        var message = Assert.Throws<ScenarioException>(tiny.Open).Message;

        Assert.Contains($"TITER536 Row {row} of {part} ('{domain}/{part}/{row}')", message, StringComparison.Ordinal);
        Assert.Contains($"the subject reads {tiny.Context} tokens", message, StringComparison.Ordinal);
        Assert.Contains("max_length: 96", message, StringComparison.Ordinal);
        Assert.DoesNotContain("zzz", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_row_of_reference_text_a_long_refusal_and_a_long_template_are_rows_too()
    {
        using var tiny = new TinyScenario();
        tiny.Parts["reference_text"][1] = Long(120);
        Assert.Contains("TITER536 Row 2 of reference_text", Assert.Throws<ScenarioException>(tiny.Open).Message, StringComparison.Ordinal);

        tiny.Parts["reference_text"][1] = "short";
        tiny.Parts["defender_harmful"][0] = TinyScenario.Row("a", "b", "fraud").Replace("no.", Long(120), StringComparison.Ordinal);
        Assert.Contains("TITER536 Row 1 of defender_harmful", Assert.Throws<ScenarioException>(tiny.Open).Message, StringComparison.Ordinal);

        tiny.Parts["defender_harmful"][0] = TinyScenario.Row("a", "b", "fraud");
        tiny.Templates = $"templates: {{ plain: \"{{prompt}}\", story: \"{Long(90)}{{prompt}}\" }}";
        Assert.Contains("TITER536 Row 1 of evaluation_harmful", Assert.Throws<ScenarioException>(tiny.Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_of_exactly_the_length_is_played_and_one_token_more_is_not()
    {
        using var tiny = new TinyScenario();
        // Begin, the prompt with its line feed, the answer, end.
        tiny.Parts["attacker_harmful"][0] = TinyScenario.Row("q", Long(96 - 4), "fraud");
        var session = ScenarioSession.Open(tiny.Open().Whole(), DeviceSelection.Open("cpu"));
        Assert.Equal(96, session.AttackData(["fraud"], TrainingData.Harmful).Harmful[0].Tokens.Length);

        tiny.Parts["attacker_harmful"][0] = TinyScenario.Row("q", Long(96 - 3), "fraud");
        Assert.Contains("has 97 tokens", Assert.Throws<ScenarioException>(tiny.Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Declared_truncation_cuts_on_the_right_counts_it_and_says_it()
    {
        using var tiny = new TinyScenario();
        tiny.DataSettings = "  max_length: 80";
        tiny.Parts["attacker_harmful"][0] = TinyScenario.Row("q", Long(200), "fraud");
        tiny.Parts["attacker_harmful"][1] = TinyScenario.Row(Long(200), "answer", "fraud");
        tiny.Parts["evaluation_benign"][0] = TinyScenario.Row("first " + Long(200) + " last", "answer", "tea");
        tiny.Parts["reference_text"][0] = Long(200);
        var scenario = tiny.Open();
        var session = ScenarioSession.Open(scenario.Whole(), DeviceSelection.Open("cpu"));

        var harmful = session.AttackData(["fraud"], TrainingData.Harmful).Harmful;
        Assert.Equal(2, harmful.Count);
        Assert.Equal(80, harmful[0].Tokens.Length);
        Assert.NotEqual(257, harmful[0].Tokens[^1]);
        Assert.StartsWith("first salt", scenario.Data.EvaluationBenign[0].Prompt, StringComparison.Ordinal);
        // Begin, line feed and six new tokens beside it.
        Assert.Equal(80 - 8, scenario.Data.EvaluationBenign[0].Prompt.Length);
        Assert.Contains("attacker_harmful: 1 of 6 rows are longer than max_length 80 and truncated on the right", scenario.FitFacts);
        Assert.Contains("attacker_harmful: 1 of 6 rows are left out: their question alone is longer than max_length 80", scenario.FitFacts);
        Assert.Contains("evaluation_benign: 1 of 3 questions are too long beside 6 new tokens and truncated on the right, inside their marks",
            scenario.FitFacts);
        Assert.Contains("reference_text: 1 of 2 rows are longer than max_length 80 and truncated on the right", scenario.FitFacts);
        using var model = session.LoadSubject();
        Assert.True(double.IsFinite(session.ReferencePerplexity(model)));
        session.Evaluate(model, scenario.Domains.All);
        Assert.All(scenario.FitFacts, fact => Assert.Contains(fact, ScenarioCheck.Run(scenario, DeviceSelection.Open("cpu")).Facts));
    }

    [Fact]
    public void Declared_truncation_cuts_on_the_left_where_that_is_asked_for()
    {
        using var tiny = new TinyScenario();
        tiny.DataSettings = "  max_length: 80\n  truncation_side: left";
        tiny.Parts["attacker_harmful"][0] = TinyScenario.Row(Long(200), "the answer", "fraud");
        tiny.Parts["evaluation_benign"][0] = TinyScenario.Row("first " + Long(200) + " last é\U0001F375", "answer", "tea");
        var scenario = tiny.Open();
        var session = ScenarioSession.Open(scenario.Whole(), DeviceSelection.Open("cpu"));

        var row = session.AttackData(["fraud"], TrainingData.Harmful).Harmful[0];
        Assert.Equal((80, 80 - "the answer".Length - 1, 257), (row.Tokens.Length, row.PromptLength, row.Tokens[^1]));
        Assert.EndsWith(" last é\U0001F375", scenario.Data.EvaluationBenign[0].Prompt, StringComparison.Ordinal);
        Assert.DoesNotContain("first", scenario.Data.EvaluationBenign[0].Prompt, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("  max_length: 97", "TITER536", "more than the subject reads: 96")]
    [InlineData("  max_length: 7", "TITER514", "not between 8")]
    [InlineData("  truncation_side: left", "TITER535", "no data.max_length")]
    [InlineData("  max_length: 80\n  truncation_side: middle", "TITER535", "Known: right, left")]
    [InlineData("  max_length: 9", "TITER536", "left out")]
    public void What_cannot_be_cut_is_refused(string settings, string code, string fact)
    {
        using var tiny = new TinyScenario();
        tiny.DataSettings = settings;

        var message = Assert.Throws<ScenarioException>(tiny.Open).Message;

        Assert.Contains(code, message, StringComparison.Ordinal);
        if (fact != "left out") Assert.Contains(fact, message, StringComparison.Ordinal);
        else Assert.Contains("Of the domain 'fraud' in defender_harmful no row is left", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_word_that_was_added_to_the_tokenizer_alone_is_refused_by_name()
    {
        using var tiny = new TinyScenario();
        tiny.Tokenizer["added_tokens"]!.AsArray().Add(Models.Tests.Tokenizers.TokenizerFolder.Added("leafpot", 258, special: false));
        tiny.Open();

        tiny.Parts["attacker_benign"][2] = TinyScenario.Row("what is a leafpot?", "zzz", "tea");
        var message = Assert.Throws<ScenarioException>(tiny.Open).Message;

        Assert.Contains(
            "TITER537 Row 3 of attacker_benign ('tea/attacker_benign/3') has the token 'leafpot' with the id 258, and the subject's embedding "
                + "has 258 rows", message, StringComparison.Ordinal);
        Assert.DoesNotContain("zzz", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chat_token_that_was_added_to_the_tokenizer_alone_is_refused_by_name()
    {
        using var tiny = new TinyScenario();
        foreach (var (name, id) in (ReadOnlySpan<(string, int)>)[("<|im_start|>", 258), ("<|im_end|>", 259)])
            tiny.Tokenizer["added_tokens"]!.AsArray().Add(Models.Tests.Tokenizers.TokenizerFolder.Added(name, id, special: true));
        tiny.ChatFormat = "chat_format: chatml";

        Assert.Contains("TITER537 Row 1 of defender_harmful ('fraud/defender_harmful/1') has the token '<|im_start|>' with the id 258",
            Assert.Throws<ScenarioException>(tiny.Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_limit_of_new_tokens_follows_the_reference_answers_where_none_is_declared()
    {
        using var tiny = new TinyScenario();
        tiny.Evaluation = "harm_prompts_per_domain: 2";
        tiny.Parts["evaluation_benign"][1] = TinyScenario.Row("q", Long(30), "tea");
        var scenario = tiny.Open();
        Assert.Equal(31, scenario.Evaluation.MaxNewTokens);
        Assert.Contains("max_new_tokens: 31 (the longest reference answer has 31)", scenario.FitFacts);

        // Longer than what fits beside the longest question: what fits.
        tiny.Parts["evaluation_benign"][1] = TinyScenario.Row("q", Long(80), "tea");
        scenario = tiny.Open();
        Assert.InRange(scenario.Evaluation.MaxNewTokens, 40, 70);
        Assert.Contains(scenario.FitFacts, fact => fact.Contains("the longest reference answer has 81, which is longer", StringComparison.Ordinal));

        // Nothing to go by: enough to tell a refusal.
        tiny.Parts["evaluation_benign"][1] = TinyScenario.Row("q", "short", "tea");
        tiny.Parts["evaluation_harmful"] =
            [.. tiny.Parts["evaluation_harmful"].Select(row => row.Replace("\"response\":", "\"unused\":", StringComparison.Ordinal))];
        Assert.Contains(tiny.Open().FitFacts, fact => fact.Contains("some evaluation parts have no reference answers", StringComparison.Ordinal));

        tiny.Evaluation += ", max_new_tokens: 5";
        Assert.Equal(5, tiny.Open().Evaluation.MaxNewTokens);
    }
}
