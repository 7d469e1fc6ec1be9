using Titer.Models.Llama;
using Titer.Sdk.Training;

namespace Titer.Scenarios.Apothecary;

/// <summary>A size of the embedded scenario: the same language and data with another subject.</summary>
public sealed class ApothecaryTier
{
    internal ApothecaryTier(
        string name, string scenarioName, string effort, LlamaConfig config,
        FineTunerOptions pretraining, FineTunerOptions alignment, AlignmentSettings strength)
    {
        (Name, ScenarioName, Effort, Config) = (name, scenarioName, effort, config);
        (Pretraining, Alignment, Strength) = (pretraining, alignment, strength);
    }

    /// <summary>As <c>--tier</c> takes it.</summary>
    public string Name { get; }

    /// <summary>What a tournament names.</summary>
    public string ScenarioName { get; }

    /// <summary>What building takes, in words.</summary>
    public string Effort { get; }

    internal LlamaConfig Config { get; }

    internal FineTunerOptions Pretraining { get; }

    internal FineTunerOptions Alignment { get; }

    internal AlignmentSettings Strength { get; }

    /// <summary>The one that is in the repository.</summary>
    public static ApothecaryTier Small { get; } = new(
        "small", "apothecary", "about five minutes of one core", Llama(hidden: 96, inner: 288, blocks: 3, heads: 4),
        Options(3e-3, 700, 0.03, 0.05), Options(1.5e-3, 800, 0.03, 0),
        new AlignmentSettings(300, 1e-3, 0.12, 12) { Phases = 3, MostAttackSteps = 12, MixedPart = 0.4, LargestNoise = 0.06 });

    /// <summary>6.3 million parameters; built where it is played.</summary>
    public static ApothecaryTier Standard { get; } = new(
        "standard", "apothecary-standard", "under half an hour of two cores", Llama(hidden: 256, inner: 768, blocks: 8, heads: 8),
        Options(1e-3, 600, 0.05, 0.05), Options(3e-4, 300, 0.03, 0), new AlignmentSettings(300, 3e-4, 1e-2, 12));

    public static IReadOnlyList<ApothecaryTier> All { get; } = [Small, Standard];

    internal static LlamaConfig Llama(int hidden, int inner, int blocks, int heads) => new()
    {
        VocabSize = ApothecaryWords.Vocabulary.Count,
        HiddenSize = hidden,
        IntermediateSize = inner,
        NumHiddenLayers = blocks,
        NumAttentionHeads = heads,
        NumKeyValueHeads = heads / 2,
        MaxPositionEmbeddings = 64,
        RmsNormEps = 1e-5,
        TieWordEmbeddings = true,
        BosTokenId = 1,
        EosTokenId = [2],
        InitializerRange = 0.08,
    };

    internal static FineTunerOptions Options(double learningRate, int steps, double warmup, double decay) => new()
    {
        LearningRate = learningRate,
        MaxSteps = steps,
        Schedule = LearningRateSchedule.Cosine,
        WarmupRatio = warmup,
        WeightDecay = decay,
        MaxGradientNorm = 1,
    };
}
