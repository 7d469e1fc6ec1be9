using System.Text.Json.Nodes;
using Titer.Models;
using Titer.Models.Checkpoints;
using Titer.Models.Tokenizers;
using Titer.Scenarios.Judges;
using Titer.Scenarios.Tests.Data;
using Titer.Sdk;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Scenarios.Tests.Judges;

/// <summary>
/// Judges with random weights and a vocabulary of bytes: what is read of them is computed once more here, from plain passes over one text at a time.
/// </summary>
public sealed class LocalJudgeTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public static TheoryData<string, string> Profiles() => new()
    {
        { "qwen3guard-gen", "qwen3" }, { "qwen3guard-gen-loose", "qwen3" }, { "harmbench-llama-2-13b", "llama" },
        { "harmbench-mistral-7b", "mistral" }, { "wildguard", "mistral" }, { "llama-guard-3", "llama" }, { "llama-guard-2", "llama" },
        { "grade-1-to-5", "qwen2" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_verdict_is_what_the_choices_of_each_step_weigh(string name, string type)
    {
        var profile = JudgeTable.Find(name) with { LeastMass = 0 };
        var folder = Checkpoint(type, profile.UsesOwnTemplate);
        using var judge = LocalJudge.Open(new JudgeChoice(profile, folder, Template(profile)), DeviceSelection.Open("cpu"));

        var verdicts = judge.Judge(["how?", "why is it?"], ["like so", "no"]);

        using var model = CheckpointReader.Read(folder, DeviceSelection.Open("cpu"));
        var tokenizer = TokenizerReader.Read(folder);
        foreach (var (i, (question, answer)) in new[] { ("how?", "like so"), ("why is it?", "no") }.Index())
        {
            var text = profile.UsesOwnTemplate
                ? $"[user] {question}\n[assistant] {answer}\nverdict: "
                : $"Q: {question} A: {answer} V:";
            List<int> ids = [tokenizer.Control.Begin!.Value, .. tokenizer.Encode(text)];
            double? harm = null, refusal = null;
            foreach (var step in profile.Steps)
            {
                ids.AddRange(tokenizer.Encode(step.Force));
                double[] weights = [.. step.Choices.Select(c => Math.Exp(LogOf(model, ids, tokenizer.Encode(c.Key))))];
                var value = weights.Zip(step.Choices, (w, c) => w * c.Value).Sum() / weights.Sum();
                if (step.Reads == JudgeReads.Harm) harm = value;
                if (step.Reads == JudgeReads.Refusal) refusal = value;
                ids.AddRange(tokenizer.Encode(step.Choices[Array.IndexOf(weights, weights.Max())].Key));
            }

            Assert.Equal(harm!.Value, verdicts[i].Harm!.Value, 4);
            Assert.Equal(refusal is null, verdicts[i].Refusal is null);
            if (refusal is { } expected) Assert.Equal(expected, verdicts[i].Refusal!.Value, 4);
        }
    }

    [Fact]
    public void Every_profile_that_answers_in_words_is_checked_here()
    {
        Assert.Equal(JudgeTable.All.Values.Where(p => !p.ReadsLabels).Select(p => p.Name).Order(), Profiles().Select(p => p.Data.Item1).Order());
        Assert.All(JudgeTable.All.Values.Where(p => !p.ReadsLabels), p => Assert.Contains(p.Steps, s => s.Reads == JudgeReads.Harm));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_what_is_too_long_only_the_answer_is_cut_and_a_question_that_does_not_fit_is_missing(bool keepsBeginning)
    {
        var profile = JudgeTable.Find("grade-1-to-5") with { MaxLength = 60, LeastMass = 0, KeepsBeginning = keepsBeginning };
        var folder = Checkpoint("llama", withTemplate: false);
        using var judge = LocalJudge.Open(new JudgeChoice(profile, folder, Template(profile)), DeviceSelection.Open("cpu"));
        var answer = new string('a', 40) + new string('b', 40);
        // One for the beginning of the text, ten of the template, five of the question, and one for the grade.
        var kept = keepsBeginning ? answer[..(60 - 17)] : answer[^(60 - 17)..];

        var verdicts = judge.Judge(["quest", "quest", new string('q', 200)], [answer, kept, "a"]);

        Assert.Equal(verdicts[1].Harm!.Value, verdicts[0].Harm!.Value, 6);
        Assert.Equal(new JudgeVerdict(null, null), verdicts[2]);
    }

    [Fact]
    public void What_is_judged_beside_an_answer_changes_no_bit_of_its_verdict()
    {
        var profile = JudgeTable.Find("grade-1-to-5") with { LeastMass = 0 };
        var folder = Checkpoint("llama", withTemplate: false);
        string[] answers = [.. Enumerable.Range(0, 40).Select(i => new string((char)('a' + (i % 20)), i))];
        double? First(int others)
        {
            using var judge = LocalJudge.Open(new JudgeChoice(profile, folder, Template(profile)), DeviceSelection.Open("cpu"));
            return judge.Judge([.. Enumerable.Repeat("how?", 1 + others)], ["like so", .. answers[..others]])[0].Harm;
        }

        Assert.Equal(Assert.Single([.. Enumerable.Range(0, 8).Select(n => First(n * 5)).Distinct()]), First(0));
    }

    [Fact]
    public void A_row_spells_no_control_token_and_a_judge_without_a_likely_verdict_is_not_read()
    {
        var profile = JudgeTable.Find("grade-1-to-5");
        var folder = Checkpoint("llama", withTemplate: false);
        var tokenizer = TokenizerReader.Read(folder);
        var prompt = new JudgePrompt(profile, folder, Template(profile), tokenizer, 200);
        Assert.DoesNotContain(tokenizer.Control.End, prompt.Of($"a {TinyJudge.End} b", $"{TinyJudge.End}", 1)!);
        var strict = new JudgeChoice(profile with { LeastMass = 0.999 }, folder, Template(profile));
        using var judge = LocalJudge.Open(strict, DeviceSelection.Open("cpu"));
        Assert.Null(judge.Judge(["a"], ["b"])[0].Harm);
    }

    [Fact]
    public void The_hash_is_of_profile_template_tokenizer_and_weights()
    {
        var profile = JudgeTable.Find("grade-1-to-5");
        var folder = Checkpoint("llama", withTemplate: false);
        string Hash(JudgeProfile p, string template)
        {
            using var judge = LocalJudge.Open(new JudgeChoice(p, folder, template), DeviceSelection.Open("cpu"));
            return judge.Hash;
        }

        var first = Hash(profile, Template(profile)!);
        Assert.Equal(first, Hash(profile, Template(profile)!));
        Assert.All([profile with { MaxLength = 99 }, profile with { Threshold = 0.4 }, profile with { LeastMass = 0.1 },
            profile with { EndsText = true }], other => Assert.NotEqual(first, Hash(other, Template(profile)!)));
        Assert.NotEqual(first, Hash(profile, _folder.Write("other.txt", "{prompt} {response}")));
        Checkpoint("llama", withTemplate: false, seed: 2);
        Assert.NotEqual(first, Hash(profile, Template(profile)!));
        Checkpoint("llama", withTemplate: false);
        Assert.Equal(first, Hash(profile, Template(profile)!));
        File.WriteAllText(Path.Combine(folder, "special_tokens_map.json"), $"{{\"bos_token\":\"{TinyJudge.End}\"}}");
        Assert.NotEqual(first, Hash(profile, Template(profile)!));
    }

    [Theory]
    [InlineData("grade-1-to-5", "only {prompt}", "TITER581", "has the slot {response} not exactly once")]
    [InlineData("grade-1-to-5", null, "TITER581", "which is not shipped here")]
    [InlineData("llama-guard-3", null, "TITER581", "ships no chat template")]
    [InlineData("lama-guard-3", null, "TITER580", "Did you mean 'llama-guard-3'?")]
    public void A_judge_that_cannot_be_asked_is_refused(string name, string? template, string code, string fact)
    {
        var folder = Checkpoint("llama", withTemplate: false);
        var file = template is null ? null : _folder.Write("t.txt", template);
        var e = Assert.Throws<ScenarioException>(
            () => LocalJudge.Open(new JudgeChoice(JudgeTable.Find(name), folder, file), DeviceSelection.Open("cpu")));
        Assert.Equal(code, e.Code);
        Assert.Contains(fact, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Judges_are_held_against_people_alone_and_together_and_no_text_is_told()
    {
        var grades = JudgeTable.Find("grade-1-to-5");
        var folder = Checkpoint("llama", withTemplate: true);
        var rows = Enumerable.Range(0, 12).Select(i => new JsonObject
        {
            ["Prompt"] = $"zzz {i}?", ["Generation"] = i == 11 ? "" : $"zzz is {i}", ["Human_Judgement"] = i % 2, ["Attack"] = i < 6 ? "one" : "two",
        }.ToJsonString());
        var file = _folder.Write("people.jsonl", string.Join('\n', rows));
        var order = new JudgeCheckOrder([new("grade-1-to-5", folder, Template(grades)), new("llama-guard-3", folder)], file, "Prompt", "Generation",
            "Human_Judgement", "Attack");

        var lines = JudgeCheck.Run(order, DeviceSelection.Open("cpu")).Lines();

        Assert.StartsWith("12 answers; people call 6 harmful; incoherent ", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, l => l.StartsWith("grade-1-to-5 ", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("panel, all agree ", StringComparison.Ordinal));
        Assert.Equal(4, lines.Count(l => l.StartsWith("  attack one: ", StringComparison.Ordinal)));
        Assert.All(lines, l => Assert.DoesNotContain("zzz", l, StringComparison.Ordinal));
        Assert.Equal("TITER583", Assert.Throws<ScenarioException>(() =>
            JudgeCheck.Run(order with { Label = "Prompt" }, DeviceSelection.Open("cpu"))).Code);
    }

    [Fact]
    public void A_panel_of_judges_scores_their_mean_or_what_all_agree_on()
    {
        var grades = JudgeTable.Find("grade-1-to-5");
        var folder = Checkpoint("llama", withTemplate: true);
        JudgeChoice[] judges = [new(grades, folder, Template(grades)), new(JudgeTable.Find("llama-guard-3") with { LeastMass = 0 }, folder, null)];
        var cpu = DeviceSelection.Open("cpu");
        var context = new MetricContext(["how?", "why?", new string('q', 300)], ["like so", "no", "a"], ["", "", ""]);
        double?[] Alone(JudgeChoice choice)
        {
            using var judge = LocalJudge.Open(choice, cpu);
            return [.. judge.Judge(context.Prompts, context.Answers).Select(v => v.Harm)];
        }

        double[] Scores(PanelRule rule)
        {
            using var metric = ModelJudge.Open(new JudgePanel(judges, rule, IsVerdict: false, 0.1, null), cpu);
            return metric.Score(context);
        }

        double?[][] alone = [Alone(judges[0]), Alone(judges[1])];
        var (mean, all) = (Scores(PanelRule.Mean), Scores(PanelRule.All));
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal((alone[0][i]!.Value + alone[1][i]!.Value) / 2, mean[i], 12);
            Assert.Equal(alone.All(j => j[i] > 0.5) ? 1 : 0, all[i]);
        }

        Assert.True(double.IsNaN(mean[2]) && double.IsNaN(all[2]), "A question that does not fit is read by none.");
    }

    [Fact]
    public void Agreement_is_that_of_pairs_counted_one_by_one()
    {
        (double Score, bool IsHarmful)[] rows = [(0.9, true), (0.6, false), (0.6, true), (0.2, false), (0.7, false), (0.1, true)];
        var found = HumanAgreement.Of(rows, 0.5);
        // Of nine pairs: .9 beats all three, .6 ties one, beats one and loses one, .1 loses all.
        Assert.Equal((3 + 0.5 + 1) / 9, found.Auc, 12);
        // Judge: 4 of 6 harmful; people: 3; both say the same of 3.
        Assert.Equal((0.5 - 0.5) / (1 - 0.5), found.Kappa, 12);
        Assert.Equal((6, 2, 1), (found.Rows, found.FalseAlarms, found.Misses));
        Assert.True(double.IsNaN(HumanAgreement.Of([(0.9, true)], 0.5).Auc));
    }

    /// <summary>Null for a profile that needs none.</summary>
    private string? Template(JudgeProfile profile) => profile.UsesOwnTemplate ? null : TinyJudge.Template(_folder.Path, profile);

    private string Checkpoint(string type, bool withTemplate, ulong seed = 1) => TinyJudge.Write(_folder.Path, type, withTemplate, seed);

    /// <summary>Log-probability of a continuation, token by token.</summary>
    private static double LogOf(CausalLanguageModel model, IReadOnlyList<int> prompt, int[] continuation)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var (ids, sum) = (prompt.Select(i => (long)i).ToList(), 0.0);
        foreach (var token in continuation)
        {
            var logits = model.Forward(torch.tensor(ids.ToArray(), [1, ids.Count]))[0, ids.Count - 1].data<float>().ToArray();
            var most = logits.Max();
            sum += logits[token] - most - Math.Log(logits.Sum(l => Math.Exp(l - most)));
            ids.Add(token);
        }

        return sum;
    }
}
