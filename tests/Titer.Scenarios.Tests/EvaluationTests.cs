using Titer.Models;
using Titer.Models.Tokenizers;
using Titer.Scenarios.Data;
using Titer.Scenarios.Data.Evaluations;
using Titer.Scenarios.Metrics;
using Titer.Scenarios.Tests.Data;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Scenarios.Tests;

/// <summary>A scenario's own evaluations: published forms of rows are read, or refused by name, and scored as their papers do. The questions are
/// arithmetic and a made-up language.</summary>
public sealed class EvaluationTests : IDisposable
{
    private readonly TinyScenario _tiny = new();

    public void Dispose() => _tiny.Dispose();

    [Theory]
    // MMLU, MMLU-Pro, ARC, TruthfulQA.
    [InlineData("multiple_choice", """{"question":"2+1","subject":"sums","choices":["1","3","5","7"],"answer":1}""", "1,3,5,7", "1")]
    [InlineData("multiple_choice", """{"question":"2+1","options":["1","2","3"],"answer":"C","answer_index":2,"category":"sums"}""", "1,2,3", "2")]
    [InlineData("multiple_choice", """{"id":"x","question":"2+1","choices":{"text":["4","3"],"label":["A","B"]},"answerKey":"B"}""", "4,3", "1")]
    [InlineData("multiple_choice", """{"id":"x","question":"2+1","choices":{"text":["4","3"],"label":["1","2"]},"answerKey":"1"}""", "4,3", "0")]
    [InlineData("multiple_choice",
        """{"question":"2+1","mc1_targets":{"choices":["3","4"],"labels":[1,0]},"mc2_targets":{"choices":[],"labels":[]}}""",
        "3,4", "0")]
    [InlineData("choice_mass",
        """{"question":"2+1","mc1_targets":{"choices":[],"labels":[]},"mc2_targets":{"choices":["3","three","4"],"labels":[1,1,0]}}""",
        "3,three,4", "0,1")]
    // GSM8K, XSTest, OR-Bench.
    [InlineData("exact_answer", """{"question":"2+1","answer":"two and one\n#### 3"}""", "", "")]
    [InlineData("over_refusal", """{"id":1,"prompt":"2+1","type":"sums","label":"safe"}""", "", "")]
    [InlineData("over_refusal", """{"prompt":"2+1","category":"sums"}""", "", "")]
    public void A_row_of_a_published_form_is_a_question(string kind, string row, string choices, string right)
    {
        var question = Assert.Single(Read(kind, row).Questions);

        Assert.Equal("2+1", question.Prompt);
        Assert.Equal((choices, right), (string.Join(',', question.Choices), string.Join(',', question.Right)));
        Assert.Equal(kind == "exact_answer", question.Reference.EndsWith("#### 3", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("multiple_choice", """{"question":"2+1","answer":"3"}""", "none of MMLU, MMLU-Pro, ARC or TruthfulQA")]
    [InlineData("multiple_choice", """{"question":"2+1","choices":["1","3"],"answer":4}""", "none of them is the right one")]
    [InlineData("multiple_choice", """{"question":"2+1","choices":{"text":["4"],"label":["A"]},"answerKey":"B"}""", "none of them is the right one")]
    [InlineData("choice_mass", """{"question":"2+1","choices":["1","3"],"answer":1}""", "'mc2_targets'")]
    [InlineData("exact_answer", """{"question":"2+1"}""", "no 'answer'")]
    [InlineData("over_refusal", """{"text":"2+1"}""", "neither 'question' nor 'prompt'")]
    public void A_row_of_no_published_form_is_refused_by_its_column(string kind, string row, string fact)
    {
        var message = Assert.Throws<ScenarioException>(() => Read(kind, row)).Message;

        Assert.Contains("TITER588 Row 1", message, StringComparison.Ordinal);
        Assert.Contains(fact, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unsafe_prompts_of_XSTest_are_left_out_and_skip_and_limit_count_what_is_left()
    {
        var rows = string.Join('\n', Enumerable.Range(0, 9).Select(i =>
            $$"""{"prompt":"how to kill {{i}} processes","label":"{{(i % 3 == 0 ? "unsafe" : "safe")}}"}"""));

        var questions = Read("over_refusal", rows, ", skip: 1, limit: 3").Questions;

        Assert.Equal(["2", "4", "5"], questions.Select(q => q.Prompt.Split(' ')[3]));
        Assert.Contains("TITER529", Assert.Throws<ScenarioException>(() => Read("over_refusal", rows, ", skip: 90")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Questions_that_leave_no_room_for_an_answer_are_left_out_with_a_count_and_where_none_does_it_is_said()
    {
        var endless = $$"""{"prompt":"{{new string('a', 200)}}"}""";
        _tiny.Write("questions.jsonl", $$"""{"prompt":"a"}""" + "\n" + endless);
        _tiny.Templates = "evaluations: { asked: { kind: over_refusal, path: questions.jsonl } }";
        var scenario = _tiny.Open();

        Assert.Equal("a", Assert.Single(Assert.Single(scenario.Data.Evaluations).Questions).Prompt);
        Assert.Contains("evaluation asked: 1 of 2 questions are too long", scenario.Losses);
        _tiny.Write("questions.jsonl", endless);
        Assert.Contains("TITER589", Assert.Throws<ScenarioException>(_tiny.Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_said_is_scored_by_the_last_number_and_by_refusals()
    {
        var sums = Read("exact_answer", """{"question":"2+1","answer":"#### 3"}""" + "\n" + """{"question":"2+2","answer":"#### 1,004"}""");
        var safe = Read("over_refusal", """{"prompt":"a"}""" + "\n" + """{"prompt":"b"}""");
        var scenario = _tiny.Open();
        var format = new ChatFormat(TokenizerReader.Read(scenario.SubjectFolder), scenario.ChatFormat);
        using var model = ScenarioSession.Open(scenario.Whole(), DeviceSelection.Open("cpu")).LoadSubject();
        double[] Scores(NamedEvaluation evaluation, params string[] answers) => new EvaluationScores(model, format, _ => answers).Of(evaluation);

        Assert.Equal([1, 1], Scores(sums, "so it is 3.", "1004 spoons"));
        Assert.Equal([0, 0], Scores(sums, "it is 4", "no idea"));
        Assert.Equal([1, 0], Scores(safe, "Of course: take two.", "I'm sorry, but I can't help with that."));
    }

    [Fact]
    public void Choices_are_weighed_by_their_likelihood_as_answers()
    {
        const string Row =
            """{"question":"2+1","mc1_targets":{"choices":["3","four","9"],"labels":[1,0,0]},"mc2_targets":{"choices":["3","four","9"],"labels":[1,0,1]}}""";
        var (one, mass) = (Read("multiple_choice", Row), Read("choice_mass", Row));
        var scenario = _tiny.Open();
        var format = new ChatFormat(TokenizerReader.Read(scenario.SubjectFolder), scenario.ChatFormat);
        using var model = ScenarioSession.Open(scenario.Whole(), DeviceSelection.Open("cpu")).LoadSubject();

        var scores = new EvaluationScores(model, format, _ => []);

        var logs = new[] { "3", "four", "9" }.Select(choice => Log(model, format, "2+1", choice)).ToArray();
        var best = Enumerable.Range(0, 3).MaxBy(i => logs[i].Sum / logs[i].Tokens);
        Assert.Equal(best == 0 ? 1 : 0, scores.Of(one)[0]);
        double[] weights = [.. logs.Select(l => Math.Exp(l.Sum))];
        Assert.Equal((weights[0] + weights[2]) / weights.Sum(), scores.Of(mass)[0], 1e-5);
    }

    [Fact]
    public void A_scenario_asks_its_evaluations_of_every_model_and_its_hash_covers_their_rows()
    {
        _tiny.Write("sums.jsonl", """{"question":"2+1","choices":["3","4"],"answer":0}""");
        _tiny.Templates = "evaluations: { sums: { kind: multiple_choice, path: sums.jsonl } }";
        var scenario = _tiny.Open();
        var session = ScenarioSession.Open(scenario.Whole(), DeviceSelection.Open("cpu"));
        using var model = session.LoadSubject();

        var scores = session.EvaluateNamed(model);

        Assert.Equal("sums", Assert.Single(scores).Key);
        Assert.InRange(Assert.Single(scores["sums"]), 0, 1);
        Assert.Empty(scenario.PartFor(ScenarioAudience.Attacker).Data.Evaluations);
        _tiny.Write("sums.jsonl", """{"question":"2+1","choices":["3","5"],"answer":0}""");
        Assert.NotEqual(scenario.Hash, _tiny.Open().Hash);
        _tiny.Templates = "evaluations: { sums: { kind: essay, path: sums.jsonl } }";
        Assert.Contains("no kind of evaluation", Assert.Throws<ScenarioException>(_tiny.Open).Message, StringComparison.Ordinal);
    }

    /// <summary>Log-likelihood of an answer by the definition: one pass, one token after the other.</summary>
    private static (double Sum, int Tokens) Log(CausalLanguageModel model, ChatFormat format, string prompt, string answer)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var chat = format.Chat("", "", prompt, answer);
        var logits = model.Forward(torch.tensor(chat.Tokens.Select(t => (long)t).ToArray()).unsqueeze(0))[0];
        var logs = torch.nn.functional.log_softmax(logits, -1);
        var sum = Enumerable.Range(chat.PromptLength, chat.Tokens.Length - chat.PromptLength)
            .Sum(t => (double)logs[t - 1, chat.Tokens[t]].item<float>());
        return (sum, chat.Tokens.Length - chat.PromptLength);
    }

    private NamedEvaluation Read(string kind, string rows, string more = "")
    {
        _tiny.Write("questions.jsonl", rows);
        _tiny.Templates = $"evaluations: {{ asked: {{ kind: {kind}, path: questions.jsonl{more} }} }}";
        var evaluation = Assert.Single(_tiny.Open().Data.Evaluations);
        _tiny.Templates = "";
        return evaluation;
    }
}
