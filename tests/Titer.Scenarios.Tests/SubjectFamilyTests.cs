using Titer.Models;
using Titer.Models.Checkpoints;
using Titer.Models.Tests;
using Titer.Scenarios.Tests.Data;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Scenarios.Tests;

/// <summary>A random tiny checkpoint of every family as the subject of a scenario: opened, asked, attacked, and released in its own form.</summary>
public sealed class SubjectFamilyTests
{
    public static TheoryData<string> Families => ["llama3", "mistral", "qwen2", "qwen3", "gemma2", "gemma3", "phi3", "phi4-mini", "olmo2"];

    [Theory]
    [MemberData(nameof(Families))]
    public void A_subject_of_every_family_is_asked_attacked_and_released_under_its_own_tensor_names(string family)
    {
        var config = LlamaMembers.ConfigOf(family);
        using var tiny = new TinyScenario(config with { OriginalMaxPositionEmbeddings = config.OriginalMaxPositionEmbeddings is null ? null : 96 });
        tiny.Write("sums.jsonl", """{"question":"2+1","choices":["3","4"],"answer":0}""");
        tiny.Templates = "evaluations: { sums: { kind: multiple_choice, path: sums.jsonl } }";
        var scenario = tiny.Open();
        var session = ScenarioSession.Open(scenario.Whole(), DeviceSelection.Open("cpu"));
        using var random = new SeededRandom(1, torch.CPU);
        using var model = session.LoadSubject();

        var before = session.Evaluate(model, scenario.Domains.All);
        var evaluations = session.EvaluateNamed(model);
        var data = session.AttackData(scenario.Domains.All, TrainingData.Harmful);
        var loss = Loss();
        var batches = data.Harmful.Shuffle(random.Fork("b"), 4);
        new FineTuner(new FineTunerOptions { LearningRate = 0.02, Lora = new LoraOptions { Rank = 2 } })
            .Run(model, () => FineTuner.SupervisedLoss(model, batches.Next()), random, 6, () => { });

        Assert.Equal(2, before.Utility.Scores.Count);
        Assert.InRange(evaluations["sums"][0], 0, 1);
        Assert.True(Loss() < loss, "Six steps of LoRA lower the loss on what they train on.");
        Assert.All(session.Diagnose(model, before).Values, value => Assert.True(double.IsFinite(value)));
        CheckpointWriter.WriteWeights(model, Path.Combine(tiny.Path, "released.safetensors"), scenario.SubjectFolder);
        Assert.Null(WeightsCheck.Compare(scenario.SubjectFolder, Path.Combine(tiny.Path, "released.safetensors")));

        float Loss()
        {
            using var scope = torch.NewDisposeScope();
            using var noGrad = torch.no_grad();
            return FineTuner.SupervisedLoss(model, data.Harmful.Batch([.. Enumerable.Range(0, data.Harmful.Count)])).item<float>();
        }
    }
}
