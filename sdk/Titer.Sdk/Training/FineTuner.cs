using TorchSharp;
using Titer.Sdk.Data;
using Titer.Sdk.Models;

namespace Titer.Sdk.Training;

public enum OptimizerKind
{
    AdamW,
    Sgd,
}

/// <summary>Course of the learning rate after warmup.</summary>
public enum LearningRateSchedule
{
    Constant,
    Linear,
    Cosine,
}

/// <summary>Settings of <see cref="FineTuner"/>; defaults are those of the field's fine-tuning attacks.</summary>
public sealed record FineTunerOptions
{
    public required double LearningRate { get; init; }

    /// <summary>Upper bound; the budget may allow fewer steps.</summary>
    public int MaxSteps { get; init; } = int.MaxValue;

    public OptimizerKind Optimizer { get; init; } = OptimizerKind.AdamW;

    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Constant;

    /// <summary>Part of the steps in which the learning rate rises linearly from zero.</summary>
    public double WarmupRatio { get; init; }

    public double WeightDecay { get; init; }

    /// <summary>Gradients are scaled down to this norm; null means no clipping.</summary>
    public double? MaxGradientNorm { get; init; }

    /// <summary>Trains low-rank factors, merged at the end, in place of the weights.</summary>
    public LoraOptions? Lora { get; init; }
}

/// <summary>
/// The ordinary training loop: loss, backward, clip, step, until the steps or the budget are used up. With a data set it is supervised
/// fine-tuning on answer tokens; with a loss function it carries most defenses.
/// </summary>
public sealed class FineTuner(FineTunerOptions options)
{
    /// <summary>Fine-tunes the attacked model on shuffled batches of <paramref name="data"/>.</summary>
    public void Run(AttackContext context, ExampleSet data, int batchSize)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(data);
        var batches = data.Shuffle(context.Random.Fork("batches"), batchSize);
        Run(context, () => SupervisedLoss(context.Model, batches.Next()));
    }

    /// <summary>Minimizes <paramref name="loss"/>; it is called once per step, inside that step's dispose scope.</summary>
    public void Run(AttackContext context, Func<Tensor> loss)
    {
        ArgumentNullException.ThrowIfNull(context);
        Run(context.Model, loss, context.Random, context.Budget.StepsLeft, context.Step, context.Progress);
    }

    /// <summary>Fine-tunes the defended model on shuffled batches of <paramref name="data"/>.</summary>
    public void Run(DefenseContext context, ExampleSet data, int batchSize)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(data);
        var batches = data.Shuffle(context.Random.Fork("batches"), batchSize);
        Run(context, () => SupervisedLoss(context.Model, batches.Next()));
    }

    /// <inheritdoc cref="Run(AttackContext, Func{Tensor})"/>
    public void Run(DefenseContext context, Func<Tensor> loss)
    {
        ArgumentNullException.ThrowIfNull(context);
        Run(context.Model, loss, context.Random, context.Budget.StepsLeft, context.Step, context.Progress);
    }

    /// <summary>The supervised loss: mean cross-entropy over labeled positions.</summary>
    public static Tensor SupervisedLoss(CausalLanguageModel model, TokenBatch batch)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(batch);
        // As CausalLoss.CrossEntropy, but the output embedding sees labeled positions only.
        var next = torch.cat([batch.Labels.narrow(1, 1, batch.Labels.shape[1] - 1), torch.full_like(batch.Labels.narrow(1, 0, 1), TokenBatch.IgnoredLabel)], 1).reshape(-1);
        var positions = next.not_equal(TokenBatch.IgnoredLabel).nonzero().squeeze(1);
        return torch.nn.functional.cross_entropy(model.ForwardAt(batch.InputIds, positions), next.index_select(0, positions));
    }

    internal void Run(
        CausalLanguageModel model, Func<Tensor> loss, SeededRandom random, int stepsLeft, Action step, IProgress<TrainingProgress>? progress = null)
    {
        var steps = Math.Min(options.MaxSteps, stepsLeft);
        var adapter = options.Lora is { } lora ? LoraAdapter.Attach(model, lora, random.Fork("lora")) : null;
        var arena = adapter?.Arena ?? model.Arena;
        try
        {
            using var optimizer = NewOptimizer(arena);
            for (var t = 0; t < steps; t++)
            {
                using var scope = torch.NewDisposeScope();
                arena.ZeroGradients();
                var value = loss();
                value.backward();
                if (options.MaxGradientNorm is { } maximum) arena.ClipGradientNorm(maximum);
                optimizer.LearningRate = LearningRateAt(t, steps);
                optimizer.Step();
                progress?.Report(new TrainingProgress(t + 1, value.item<float>()));
                step();
            }
        }
        finally
        {
            // Also when the budget ends the loop: what was trained so far is the result.
            adapter?.Merge();
        }
    }

    private Optimizer NewOptimizer(ParameterArena arena) => options.Optimizer switch
    {
        OptimizerKind.AdamW => new AdamW(arena, options.LearningRate, options.WeightDecay),
        OptimizerKind.Sgd => new Sgd(arena, options.LearningRate, weightDecay: options.WeightDecay),
        _ => throw new ArgumentOutOfRangeException(nameof(arena), options.Optimizer, "Unknown optimizer."),
    };

    private double LearningRateAt(int step, int steps)
    {
        var warmup = (int)(options.WarmupRatio * steps);
        if (step < warmup) return options.LearningRate * (step + 1) / warmup;
        var done = (double)(step - warmup) / Math.Max(1, steps - warmup);
        return options.Schedule switch
        {
            LearningRateSchedule.Linear => options.LearningRate * (1 - done),
            LearningRateSchedule.Cosine => options.LearningRate * 0.5 * (1 + Math.Cos(Math.PI * done)),
            _ => options.LearningRate,
        };
    }
}
