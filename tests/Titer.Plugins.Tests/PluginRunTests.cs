using Microsoft.Extensions.Logging.Abstractions;
using Titer.Attacks.BenignFullParameterFinetune;
using Titer.Attacks.FullParameterFinetune;
using Titer.Attacks.LoraFinetune;
using Titer.Attacks.NoWeightModification;
using Titer.Defenses.AdversarialLoss;
using Titer.Defenses.NoDefense;
using Titer.Defenses.RepNoise;
using Titer.Defenses.SafetySft;
using Titer.Defenses.Vaccine;
using Titer.Models.Tests;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Plugins.Tests;

/// <summary>Every bundled plugin through its real context, on a small random model.</summary>
public sealed class PluginRunTests
{
    private const int Steps = 3;

    public static TheoryData<string, Func<IDefense>> Defenses => new()
    {
        { "safety_sft", () => new SafetySft(new SafetySftOptions(BatchSize: 4)) },
        { "adversarial_loss", () => new AdversarialLoss(new AdversarialLossOptions(BatchSize: 4)) },
        { "repnoise", () => new RepNoise(new RepNoiseOptions(BatchSize: 4)) },
        { "repnoise without retain", () => new RepNoise(new RepNoiseOptions(BatchSize: 4, RetainWeight: 0)) },
        { "vaccine", () => new Vaccine(new VaccineOptions(BatchSize: 4)) },
    };

    public static TheoryData<string, Func<IAttack>> Attacks => new()
    {
        { "full_parameter_finetune", () => new FullParameterFinetune(new FullParameterFinetuneOptions(BatchSize: 4)) },
        { "lora_finetune", () => new LoraFinetune(new LoraFinetuneOptions(BatchSize: 4, Rank: 2)) },
        { "benign_full_parameter_finetune", () => new BenignFullParameterFinetune(new BenignFullParameterFinetuneOptions(BatchSize: 4)) },
    };

    [Theory]
    [MemberData(nameof(Defenses))]
    public void A_defense_keeps_to_its_budget_is_deterministic_and_leaves_no_tensor(string name, Func<IDefense> create)
    {
        var (first, second) = (Immunize(create()), Immunize(create()));

        Assert.True(first.Weights.All(float.IsFinite), name);
        Assert.Equal(first.Weights, second.Weights);
        Assert.NotEqual(first.Original, first.Weights);
        Assert.Equal((Steps, 0L), (first.Steps, first.LeakedTensors));
    }

    [Fact]
    public void No_defense_changes_nothing()
    {
        var run = Immunize(new NoDefense());

        Assert.Equal(run.Original, run.Weights);
        Assert.Equal(0, run.Steps);
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public void An_attack_keeps_to_its_budget_is_deterministic_and_leaves_no_tensor(string name, Func<IAttack> create)
    {
        var (first, second) = (Attack(create()), Attack(create()));

        Assert.True(first.Weights.All(float.IsFinite), name);
        Assert.Equal(first.Weights, second.Weights);
        Assert.NotEqual(first.Original, first.Weights);
        Assert.Equal((Steps, 0L), (first.Steps, first.LeakedTensors));
    }

    [Fact]
    public void The_control_attack_changes_nothing()
    {
        var run = Attack(new NoWeightModification());

        Assert.Equal(run.Original, run.Weights);
    }

    private static Run Immunize(IDefense defense) => Play((model, meter, random) => defense.Immunize(new DefenseContext(
        new DeviceContext(torch.CPU, ScalarType.Float32), model, new DefenseData(Pairs(), Tiny.Examples()), meter, random,
        NullLogger.Instance, new Progress<TrainingProgress>(), CancellationToken.None)));

    private static Run Attack(IAttack attack) => Play((model, meter, random) => attack.Attack(new AttackContext(
        new DeviceContext(torch.CPU, ScalarType.Float32), model, new AttackData(TrainingData.Harmful, Tiny.Examples(), Tiny.Examples()), meter,
        random,
        NullLogger.Instance, new Progress<TrainingProgress>(), CancellationToken.None)));

    private static Run Play(Action<CausalLanguageModel, BudgetMeter, SeededRandom> play)
    {
        using var model = Tiny.Model();
        using var random = new SeededRandom(5, torch.CPU);
        var meter = new BudgetMeter(new Budget { Steps = Steps });
        model.Meter = meter;
        var original = model.Arena.Flat.data<float>().ToArray();
        var live = DeviceContext.LiveTensors;
        play(model, meter, random);
        return new Run(original, model.Arena.Flat.data<float>().ToArray(), meter.Steps, DeviceContext.LiveTensors - live);
    }

    private static PairSet Pairs() => new(
        [.. Enumerable.Range(0, 8).Select(i => new PairedExample(new($"h{i}", "d", [1, 3 + i, 20, 21, 22, 2], 2),
            new($"r{i}", "d", [1, 3 + i, 30, 31, 2], 2)))], 0, torch.CPU);

    private sealed record Run(float[] Original, float[] Weights, long Steps, long LeakedTensors);
}
