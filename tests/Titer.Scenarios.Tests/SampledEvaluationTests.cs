using Titer.Models;
using Titer.Models.Generation;
using Titer.Models.Tokenizers;
using Titer.Scenarios.Data;
using TorchSharp;

namespace Titer.Scenarios.Tests;

/// <summary>Evaluations whose answers are drawn, and those that are not.</summary>
public sealed class SampledEvaluationTests
{
    private const string LastKey = "max_new_tokens: 9";

    [Fact]
    public void The_embedded_subjects_greedy_answers_are_those_of_asking_one_by_one_without_a_cache()
    {
        var scenario = Scenario.Open("apothecary");
        var session = ScenarioSession.Open(scenario.Whole(), DeviceSelection.Open("cpu"));
        using var model = session.LoadSubject();
        using var inference = torch.no_grad();
        var format = new ChatFormat(TokenizerReader.Read(scenario.SubjectFolder));
        int[][] prompts =
            [.. scenario.Data.EvaluationHarmful.Take(20).Concat(scenario.Data.EvaluationBenign.Take(60)).Select(e => format.Prompt(e.Prompt))];

        var answers = TextGenerator.Greedy(model, prompts, 9, format.Control.End, format.Control.Padding);

        for (var row = 0; row < prompts.Length; row++)
        {
            var ids = prompts[row].Select(i => (long)i).ToList();
            while (ids.Count < prompts[row].Length + 9)
            {
                using var scope = torch.NewDisposeScope();
                var next = model.Forward(torch.tensor(ids.ToArray(), [1, ids.Count]))[0, ids.Count - 1].argmax().item<long>();
                if (next == format.Control.End) break;
                ids.Add(next);
            }

            Assert.Equal(ids.Skip(prompts[row].Length).Select(i => (int)i), answers[row]);
        }
    }

    [Fact]
    public void Sampling_is_read_and_is_part_of_the_scenarios_identity()
    {
        using var copy = new ScenarioCopy();
        Assert.Null(Scenario.Open(copy.Folder).Evaluation.Sampling);
        copy.Edit(LastKey, $"{LastKey}\n  sampling: {{ temperature: 0.7, top_p: 0.9, top_k: 50 }}");

        var sampled = Scenario.Open(copy.Folder);

        Assert.Equal(new SamplingOptions { Temperature = 0.7, TopP = 0.9, TopK = 50 }, sampled.Evaluation.Sampling);
        Assert.NotEqual(Scenario.Open("apothecary").Hash, sampled.Hash);
        var part = Path.Combine(copy.Folder, "part.json");
        sampled.PartFor(ScenarioAudience.Attacker).Write(part);
        Assert.Equal(sampled.Evaluation, ScenarioPart.Read(part).Evaluation);
    }

    [Theory]
    [InlineData("{ temperature: 0 }", "TITER514")]
    [InlineData("{ top_p: 1.5 }", "1.5")]
    [InlineData("{ top_k: 0 }", "TITER514")]
    [InlineData("{ topk: 5 }", "topk")]
    public void Sampling_out_of_range_is_named_with_its_place(string sampling, string named)
    {
        using var copy = new ScenarioCopy();
        copy.Edit(LastKey, $"{LastKey}\n  sampling: {sampling}");

        var fault = Assert.Throws<ScenarioException>(() => Scenario.Open(copy.Folder));

        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
        Assert.Matches(@"scenario\.yaml:\d+:\d+: ", fault.Message);
    }

    [Fact]
    public void A_prompt_meets_the_same_chance_whoever_is_asked_beside_it()
    {
        using var copy = new ScenarioCopy();
        copy.Edit(LastKey, $"{LastKey}\n  sampling: {{ temperature: 3 }}");
        var session = ScenarioSession.Open(Scenario.Open(copy.Folder).Whole(), DeviceSelection.Open("cpu"));
        using var model = session.LoadSubject();

        var few = session.Evaluate(model, ["curse"]);
        var many = session.Evaluate(model, ["hex", "curse"]);
        var greedy = ScenarioSession.Open(Scenario.Open("apothecary").Whole(), DeviceSelection.Open("cpu")).Evaluate(model, ["curse"]);

        Assert.Equal(few.Samples, many.Samples.Where(s => few.HarmPrompts.Contains(s.PromptId) || s.Set == SampleSet.Utility));
        Assert.NotEqual(few.Samples, greedy.Samples);
        Assert.Equal(few.Samples, session.Evaluate(model, ["curse"]).Samples);
    }
}
