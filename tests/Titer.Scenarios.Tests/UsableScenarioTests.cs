using Titer.Models;
using Titer.Models.Checkpoints;
using Titer.Models.Tests.Tokenizers;
using Titer.Scenarios.Tests.Data;
using Titer.Sdk;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Scenarios.Tests;

/// <summary>Whatever a check calls usable is played without a fault of the host: generated scenarios, each from its seed.</summary>
public sealed class UsableScenarioTests
{
    private static readonly string[] Formats =
    [
        "chat_format: plain", "chat_format: alpaca", "chat_format: chatml", "chat_format: zephyr", "chat_format: mistral",
        "chat_format: { user: { prefix: \"<|im_start|>\" }, assistant: { prefix: \":\", suffix: \"<|im_end|>\" } }", "",
    ];

    [Fact]
    public void What_a_check_calls_usable_never_ends_in_a_fault_of_the_host()
    {
        var (usable, refused) = (0, 0);
        for (var seed = 1; seed <= 60; seed++)
        {
            using var tiny = Generated(seed);
            Scenario scenario;
            try
            {
                scenario = tiny.Open();
                Assert.True(ScenarioCheck.Run(scenario, DeviceSelection.Open("cpu")).Passed);
            }
            catch (Exception e) when (e is ScenarioException or CheckpointException)
            {
                Assert.Matches("TITER[0-9]{3} ", e.Message);
                refused++;
                continue;
            }

            usable++;
            try
            {
                Play(scenario, (ulong)seed);
            }
            catch (Exception e)
            {
                Assert.Fail($"Seed {seed} was called usable and ended in {e.GetType().Name}: {e.Message}");
            }
        }

        // Both happen, or the sample says nothing.
        Assert.True(usable >= 15, $"{usable} usable");
        Assert.True(refused >= 10, $"{refused} refused");
    }

    /// <summary>All that the phases of a tournament do with a scenario, a step or two each.</summary>
    private static void Play(Scenario scenario, ulong seed)
    {
        foreach (var audience in Enum.GetValues<ScenarioAudience>())
        {
            var session = ScenarioSession.Open(scenario.PartFor(audience), DeviceSelection.Open("cpu"));
            using var model = session.LoadSubject();
            using var random = new SeededRandom(seed, session.Device.Device);
            using var scope = torch.NewDisposeScope();
            switch (audience)
            {
                case ScenarioAudience.Defender:
                    var data = session.DefenseData();
                    var pairs = data.Pairs.Batch([.. Enumerable.Range(0, data.Pairs.Count)]);
                    foreach (var batch in (Sdk.Data.TokenBatch[])[pairs.Harmful, pairs.Refusal,
                        data.Benign.Batch([.. Enumerable.Range(0, data.Benign.Count)])])
                        Assert.True(float.IsFinite(FineTuner.SupervisedLoss(model, batch).item<float>()));
                    break;
                case ScenarioAudience.Attacker:
                    foreach (var domains in (IReadOnlyList<string>[])[scenario.Domains.Known, scenario.Domains.Withheld])
                    {
                        var attack = session.AttackData(domains, TrainingData.Harmful);
                        foreach (var set in (Sdk.Data.ExampleSet[])[attack.Harmful, attack.Benign])
                        {
                            Assert.True(float.IsFinite(
                                FineTuner.SupervisedLoss(model, set.Batch([.. Enumerable.Range(0, set.Count)])).item<float>()));
                            var batches = set.Shuffle(random.Fork("batches"), 4);
                            new FineTuner(new FineTunerOptions { LearningRate = 1e-3 }).Run(model,
                                () => FineTuner.SupervisedLoss(model, batches.Next()), random, 2, () => { });
                        }
                    }

                    break;
                default:
                    foreach (var domains in (IReadOnlyList<string>[])[scenario.Domains.Known, scenario.Domains.Withheld, scenario.Domains.All])
                        session.Evaluate(model, domains);
                    Assert.True(double.IsFinite(session.ReferencePerplexity(model)));
                    Assert.All(session.Diagnose(model, session.Evaluate(model, scenario.Domains.All)).Values,
                        value => Assert.True(double.IsFinite(value)));
                    var training = session.TrainabilityData(session.Scenario.Trainability.Domains);
                    Assert.True(float.IsFinite(
                        FineTuner.SupervisedLoss(model, training.Batch([.. Enumerable.Range(0, training.Count)])).item<float>()));
                    Assert.True(double.IsFinite(session.EvaluateTrainability(model, session.Scenario.Trainability.Domains).Loss));
                    break;
            }
        }
    }

    private static TinyScenario Generated(int seed)
    {
        var random = new Random(seed);
        T One<T>(params T[] values) => values[random.Next(values.Length)];
        var context = One(24, 48, 96, 200, 300);
        var tiny = new TinyScenario(context, (ulong)seed, "<|im_start|>", "<|im_end|>");
        tiny.ChatFormat = One(Formats);
        tiny.TokenizerConfig["chat_template"] =
            One("{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt "
                + "%}{{ '<|im_start|>assistant\n' }}{% endif %}",
                    "{% for m in messages %}{{ m.content | trim }}{{ ': ' if m.role == 'user' else eos_token }}{% endfor %}");
        if (One(0, 0, 1) == 1) tiny.Tokenizer["added_tokens"]!.AsArray().Add(TokenizerFolder.Added("leafpot", One(260, 261), special: false));
        if (One(0, 1) == 1) tiny.TokenizerConfig["pad_token"] = One("<|im_start|>", "<|end|>");
        if (One(0, 1) == 1) tiny.DataSettings = $"  max_length: {One(16, context / 2, context)}\n  truncation_side: {One("left", "right")}";
        tiny.Evaluation =
            $"harm_prompts_per_domain: {One(1, 2, 5)}" + One("", $", max_new_tokens: {One(1, 8, 40)}", ", sampling: { temperature: 0.7 }");
        if (One(0, 1) == 1) tiny.Templates = "templates: { plain: \"{prompt}\", story: \"tell a story in which {prompt}\" }";
        foreach (var (part, rows) in tiny.Parts)
        {
            for (var i = 0; i < rows.Count; i++)
            {
                if (random.Next(12) > 0) continue;
                string Text(int most) => string.Concat(Enumerable.Range(0, random.Next(1, most))
                    .Select(_ => One("leaf", "leafpot", " ", "é", "\U0001F375", "<|end|>", "x", "salt ")));
                var row = System.Text.Json.Nodes.JsonNode.Parse(part == "reference_text" ? "{}" : rows[i])!;
                var long_ = Text(One(3, 20, 120));
                if (part == "reference_text") rows[i] = "a" + long_;
                else (row[One("prompt", "response", "refusal")], rows[i]) = ("q" + long_, row.ToJsonString());
                if (part != "reference_text") rows[i] = row.ToJsonString();
                if (part == "evaluation_harmful" && One(0, 1) == 1)
                    rows[i] = rows[i].Replace("\"response\":", "\"unused\":", StringComparison.Ordinal);
            }
        }

        return tiny;
    }
}
