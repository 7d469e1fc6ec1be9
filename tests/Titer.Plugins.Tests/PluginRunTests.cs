using Microsoft.Extensions.Logging.Abstractions;
using Titer.Attacks.AdaptiveFinetune;
using Titer.Attacks.BenignFullParameterFinetune;
using Titer.Attacks.BenignLoraFinetune;
using Titer.Attacks.DeltaStrip;
using Titer.Attacks.EmbeddingAttack;
using Titer.Attacks.FewShotFinetune;
using Titer.Attacks.FinetuneThenContext;
using Titer.Attacks.FullParameterFinetune;
using Titer.Attacks.IdentityShiftFinetune;
using Titer.Attacks.JailbreakTuning;
using Titer.Attacks.LongHorizonFinetune;
using Titer.Attacks.LoraFinetune;
using Titer.Attacks.MixedFinetune;
using Titer.Attacks.NoWeightModification;
using Titer.Attacks.OptimizerZoo;
using Titer.Attacks.OverfitBenign;
using Titer.Attacks.Prune;
using Titer.Attacks.QuantizeInt4;
using Titer.Attacks.RefusalAblation;
using Titer.Attacks.RefusalUnlearnBenign;
using Titer.Attacks.TwoPhaseFinetune;
using Titer.Attacks.WeightPerturbation;
using Titer.Defenses.AdversarialLoss;
using Titer.Defenses.Art;
using Titer.Defenses.Booster;
using Titer.Defenses.CTrap;
using Titer.Defenses.Collapsed;
using Titer.Defenses.ConstantAnswer;
using Titer.Defenses.ExtendedRefusal;
using Titer.Defenses.GradientAscent;
using Titer.Defenses.LoX;
using Titer.Defenses.NoDefense;
using Titer.Defenses.Patcher;
using Titer.Defenses.RandomPerturb;
using Titer.Defenses.RefuseEverything;
using Titer.Defenses.RepNoise;
using Titer.Defenses.SafetySft;
using Titer.Defenses.Seam;
using Titer.Defenses.TVaccine;
using Titer.Defenses.Tar;
using Titer.Defenses.Triplet;
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
        { "random_perturb", () => new RandomPerturb(new RandomPerturbOptions(BatchSize: 4)) },
        { "refuse_everything", () => new RefuseEverything(new RefuseEverythingOptions(BatchSize: 4)) },
        { "gradient_ascent", () => new GradientAscent(new GradientAscentOptions()) },
        { "lox", () => new LoX(new LoXOptions(BatchSize: 4, Rank: 2)) },
        { "t_vaccine", () => new TVaccine(new TVaccineOptions(BatchSize: 4, ProbeSamples: 8)) },
        { "booster", () => new Booster(new BoosterOptions(BatchSize: 4)) },
        { "seam", () => new Seam(new SeamOptions()) },
        { "ctrap", () => new CTrap(new CTrapOptions(BatchSize: 4)) },
        { "art", () => new Art(new ArtOptions(BatchSize: 4)) },
        { "patcher", () => new Patcher(new PatcherOptions(BatchSize: 4)) },
        { "tar", () => new Tar(Tar4(TamperResistanceLoss.MaxEntropy)) },
        { "tar with DPO, no random mapping", () => new Tar(Tar4(TamperResistanceLoss.Dpo) with { RandomMappingSteps = 0, TasksSampled = 2 }) },
        { "triplet", () => new Triplet(new TripletOptions(BatchSize: 4, Rank: 2)) },
        { "triplet, TamperBench's", () => new Triplet(new TripletOptions(TripletForm.TamperBench, BatchSize: 4, Rank: 2)) },
        { "extended_refusal", () => new ExtendedRefusal(new ExtendedRefusalOptions(BatchSize: 4)) },
        { "constant_answer", () => new ConstantAnswer(new ConstantAnswerOptions(BatchSize: 4)) },
        { "collapsed", () => new Collapsed(new CollapsedOptions(BatchSize: 4)) },
    };

    public static TheoryData<string, Func<IAttack>> Attacks => new()
    {
        { "full_parameter_finetune", () => new FullParameterFinetune(new FullParameterFinetuneOptions(BatchSize: 4)) },
        { "lora_finetune", () => new LoraFinetune(new LoraFinetuneOptions(BatchSize: 4, Rank: 2)) },
        { "benign_full_parameter_finetune", () => new BenignFullParameterFinetune(new BenignFullParameterFinetuneOptions(BatchSize: 4)) },
        { "mixed_finetune", () => new MixedFinetune(new MixedFinetuneOptions(BatchSize: 4)) },
        { "mixed_finetune without benign data", () => new MixedFinetune(new MixedFinetuneOptions(BatchSize: 4, PoisonRatio: 1)) },
        { "benign_lora_finetune", () => new BenignLoraFinetune(new BenignLoraFinetuneOptions(BatchSize: 4, Rank: 2)) },
        { "few_shot_finetune", () => new FewShotFinetune(new FewShotFinetuneOptions()) },
        { "jailbreak_tuning", () => new JailbreakTuning(new JailbreakTuningOptions(PoisonRatio: 0.25, BatchSize: 4)) },
        { "overfit_benign", () => new OverfitBenign(new OverfitBenignOptions()) },
        { "refusal_unlearn_benign", () => new RefusalUnlearnBenign(new RefusalUnlearnBenignOptions(BatchSize: 4)) },
        { "identity_shift_finetune", () => new IdentityShiftFinetune(new IdentityShiftFinetuneOptions()) },
        { "two_phase_finetune", () => new TwoPhaseFinetune(new TwoPhaseFinetuneOptions(BatchSize: 4)) },
        { "adaptive_finetune", () => new AdaptiveFinetune(new AdaptiveFinetuneOptions(BatchSize: 4)) },
        { "long_horizon_finetune", () => new LongHorizonFinetune(new LongHorizonFinetuneOptions(BatchSize: 4)) },
        { "optimizer_zoo", () => new OptimizerZoo(new OptimizerZooOptions(BatchSize: 4)) },
        { "embedding_attack", () => new EmbeddingAttack(new EmbeddingAttackOptions(BatchSize: 4)) },
        { "finetune_then_context", () => new FinetuneThenContext(new FinetuneThenContextOptions(BatchSize: 4)) },
    };

    /// <summary>One change of the weights, without a gradient.</summary>
    public static TheoryData<string, Func<IAttack>> Edits => new()
    {
        { "refusal_ablation", () => new RefusalAblation(new RefusalAblationOptions(Trials: 12, StartupTrials: 6, MaxKl: 10)) },
        { "refusal_ablation, two directions",
            () => new RefusalAblation(new RefusalAblationOptions(Trials: 12, StartupTrials: 6, MaxKl: 10, Directions: 2)) },
        { "delta_strip", () => new DeltaStrip(new DeltaStripOptions(StripTrials: 6, AblationTrials: 8, MaxKl: 10)) },
        { "delta_strip without ablation", () => new DeltaStrip(new DeltaStripOptions(StripTrials: 6, AblationTrials: 0, MaxKl: 10)) },
        { "weight_perturbation", () => new WeightPerturbation(new WeightPerturbationOptions()) },
        { "quantize_int4", () => new QuantizeInt4(new QuantizeInt4Options()) },
        { "prune", () => new Prune(new PruneOptions()) },
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

    [Theory]
    [MemberData(nameof(Edits))]
    public void An_edit_of_weights_is_one_step_deterministic_and_leaves_no_tensor(string name, Func<IAttack> create)
    {
        var (first, second) = (Attack(create()), Attack(create()));

        Assert.True(first.Weights.All(float.IsFinite), name);
        Assert.Equal(first.Weights, second.Weights);
        Assert.NotEqual(first.Original, first.Weights);
        Assert.Equal((1L, 0L), (first.Steps, first.LeakedTensors));
    }

    [Fact]
    public void The_control_attack_changes_nothing()
    {
        var run = Attack(new NoWeightModification(new NoWeightModificationOptions(Prefill: true)));

        Assert.Equal(run.Original, run.Weights);
    }

    private static TarOptions Tar4(TamperResistanceLoss loss) =>
        new(LossType: loss, InnerLoopSteps: 4, InnerLoopSubsample: 2, BatchSize: 4, RandomMappingSteps: 1);

    private static Run Immunize(IDefense defense) => Play((model, meter, random) => defense.Immunize(new DefenseContext(
        new DeviceContext(torch.CPU, ScalarType.Float32), model, new DefenseData(Pairs(), Tiny.Examples()), meter, random,
        NullLogger.Instance, new Progress<TrainingProgress>(), CancellationToken.None)));

    private static Run Attack(IAttack attack) => Play((model, meter, random) => attack.Attack(new AttackContext(
        new DeviceContext(torch.CPU, ScalarType.Float32), model, new AttackData(TrainingData.Harmful, Tiny.Examples(), Tiny.Examples()), meter,
        random,
        NullLogger.Instance, new Progress<TrainingProgress>(), CancellationToken.None, loadParent: () => Tiny.Model(seed: 2))));

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
