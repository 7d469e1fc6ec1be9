using Titer.Sdk.Models;

namespace Titer.Sdk.Training;

public enum OptimizerKind
{
    AdamW,
    Sgd,
    Adafactor,
    Lion,
}

/// <summary>Settings of <see cref="FineTuner"/>; defaults are those of the field's fine-tuning attacks.</summary>
public sealed record FineTunerOptions
{
    public required double LearningRate { get; init; }

    /// <summary>Upper bound; the budget may allow fewer steps.</summary>
    public int MaxSteps { get; init; } = int.MaxValue;

    public OptimizerKind Optimizer { get; init; } = OptimizerKind.AdamW;

    /// <summary>Of <see cref="OptimizerKind.Sgd"/>; the others have their own.</summary>
    public double Momentum { get; init; }

    /// <summary>How weights of 16 bits are changed; without effect on others.</summary>
    public LowPrecisionUpdate LowPrecision { get; init; } = LowPrecisionUpdate.MasterWeights;

    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Constant;

    /// <summary>Part of the steps in which the learning rate rises linearly from zero.</summary>
    public double WarmupRatio { get; init; }

    /// <summary>Part of the steps, at the end, in which <see cref="LearningRateSchedule.WarmupStableDecay"/> goes to zero.</summary>
    public double DecayRatio { get; init; } = 0.1;

    public double WeightDecay { get; init; }

    /// <summary>Gradients are scaled down to this norm; null means no clipping.</summary>
    public double? MaxGradientNorm { get; init; }

    /// <summary>
    /// Parts of one step whose gradients add up. A batch of a data set is played in that many slices, with the gradient of the whole batch and
    /// the memory of one slice; a loss function is called that many times, and the mean counts.
    /// </summary>
    public int AccumulationSteps { get; init; } = 1;

    /// <summary>
    /// Keeps one activation per block and computes the rest again in the backward pass (Chen et al. 2016, arXiv 1604.06174): less memory for a
    /// third more time. Passes with a tap keep everything. The loss must reach the weights by this loop's backward pass, not by
    /// <c>torch.autograd.grad</c>.
    /// </summary>
    public bool RecomputeActivations { get; init; }

    /// <summary>Batches of a data set hold examples of about equal length: less padding, another order of examples.</summary>
    public bool GroupByLength { get; init; }

    /// <summary>Trains low-rank factors, merged at the end, in place of the weights.</summary>
    public LoraOptions? Lora { get; init; }

    /// <exception cref="ArgumentException">A setting has no meaning.</exception>
    internal void Check()
    {
        static void Part(double value, string name)
        {
            if (value is not (>= 0 and <= 1))
                throw new ArgumentException($"TITER310 {name} is {value}. It is a part of the steps: give a number from 0 to 1.");
        }

        Part(WarmupRatio, nameof(WarmupRatio));
        Part(DecayRatio, nameof(DecayRatio));
        if (AccumulationSteps < 1) throw new ArgumentException($"TITER310 AccumulationSteps is {AccumulationSteps}. A step has at least 1 part.");
        if (Momentum != 0 && Optimizer != OptimizerKind.Sgd)
            throw new ArgumentException($"TITER310 Momentum is a setting of Sgd; {Optimizer} has its own. Leave it out, or choose Sgd.");
    }
}
