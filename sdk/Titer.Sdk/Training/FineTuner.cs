using Titer.Sdk.Data;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Sdk.Training;

/// <summary>
/// The ordinary training loop: loss, backward, clip, step, until the steps or the budget are used up. With a data set it is supervised
/// fine-tuning on answer tokens; with a loss function it carries most defenses.
/// </summary>
public sealed class FineTuner
{
    private readonly FineTunerOptions _options;

    /// <exception cref="ArgumentException">A setting has no meaning.</exception>
    public FineTuner(FineTunerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        _options = options;
    }

    /// <summary>Fine-tunes the attacked model on shuffled batches of <paramref name="data"/>.</summary>
    public void Run(AttackContext context, ExampleSet data, int batchSize)
    {
        ArgumentNullException.ThrowIfNull(context);
        Run(context.Model, Supervised(context.Model, data, batchSize, context.Random), context.Random, context.Budget.StepsLeft, context.Step,
            Reported(context.Progress, context.Budget));
    }

    /// <summary>Minimizes <paramref name="loss"/>; it is called once per step (or part of one), inside a dispose scope.</summary>
    public void Run(AttackContext context, Func<Tensor> loss)
    {
        ArgumentNullException.ThrowIfNull(context);
        Run(context.Model, Repeated(loss), context.Random, context.Budget.StepsLeft, context.Step, Reported(context.Progress, context.Budget));
    }

    /// <summary>Fine-tunes the defended model on shuffled batches of <paramref name="data"/>.</summary>
    public void Run(DefenseContext context, ExampleSet data, int batchSize)
    {
        ArgumentNullException.ThrowIfNull(context);
        Run(context.Model, Supervised(context.Model, data, batchSize, context.Random), context.Random, context.Budget.StepsLeft, context.Step,
            Reported(context.Progress, context.Budget));
    }

    /// <inheritdoc cref="Run(AttackContext, Func{Tensor})"/>
    public void Run(DefenseContext context, Func<Tensor> loss)
    {
        ArgumentNullException.ThrowIfNull(context);
        Run(context.Model, Repeated(loss), context.Random, context.Budget.StepsLeft, context.Step, Reported(context.Progress, context.Budget));
    }

    /// <summary>The supervised loss: mean cross-entropy over labeled positions.</summary>
    public static Tensor SupervisedLoss(CausalLanguageModel model, TokenBatch batch)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(batch);
        // As CausalLoss.CrossEntropy, but the model's end sees labeled positions only.
        var next = batch.NextLabels().reshape(-1);
        var positions = next.not_equal(TokenBatch.IgnoredLabel).nonzero().squeeze(1);
        return torch.nn.functional.cross_entropy(CausalLoss.Wide(model.ForwardAt(batch.InputIds, positions)), next.index_select(0, positions));
    }

    internal void Run(
        CausalLanguageModel model, Func<Tensor> loss, SeededRandom random, int stepsLeft, Action step,
        IProgress<TrainingProgress>? progress = null) =>
        Run(model, Repeated(loss), random, stepsLeft, step, progress);

    /// <summary>The loop. <paramref name="parts"/> makes a step's losses, each to be computed and
    /// differentiated alone; their sum is the step's loss.</summary>
    private void Run(
        CausalLanguageModel model, Func<IReadOnlyList<Func<Tensor>>> parts, SeededRandom random, int stepsLeft, Action step,
        IProgress<TrainingProgress>? progress)
    {
        var steps = Math.Min(_options.MaxSteps, stepsLeft);
        var adapter = _options.Lora is { } lora ? LoraAdapter.Attach(model, lora, random.Fork("lora")) : null;
        var arena = adapter?.Arena ?? model.Arena;
        using var rounding = random.Fork("rounding");
        model.Tape = _options.RecomputeActivations ? new ActivationTape() : null;
        try
        {
            using var optimizer = NewOptimizer(arena, rounding);
            for (var t = 0; t < steps; t++)
            {
                using var scope = torch.NewDisposeScope();
                arena.ZeroGradients();
                var loss = 0f;
                foreach (var part in parts()) loss += Differentiate(model, part);
                if (_options.MaxGradientNorm is { } maximum) arena.ClipGradientNorm(maximum);
                optimizer.LearningRate = LearningRates.At(_options, t, steps);
                optimizer.Step();
                progress?.Report(new TrainingProgress(t + 1, loss));
                step();
            }
        }
        finally
        {
            model.Tape = null;
            // Also when the budget ends the loop: what was trained so far is the result.
            adapter?.Merge();
        }
    }

    /// <summary>Adds a loss's gradients to the arena's; returns its value.</summary>
    private static float Differentiate(CausalLanguageModel model, Func<Tensor> loss)
    {
        using var scope = torch.NewDisposeScope();
        var value = loss();
        value.backward();
        model.Tape?.Backward();
        return value.to(ScalarType.Float32).item<float>();
    }

    private Func<IReadOnlyList<Func<Tensor>>> Supervised(CausalLanguageModel model, ExampleSet data, int batchSize, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(data);
        var batches = data.Shuffle(random.Fork("batches"), batchSize, _options.GroupByLength);
        return () =>
        {
            var batch = batches.Next();
            if (_options.AccumulationSteps == 1) return [() => SupervisedLoss(model, batch)];
            // Each slice counts by its labeled positions: the mean over the batch, not a mean of means.
            var (slices, whole) = (batch.Split(_options.AccumulationSteps), (double)batch.CountLabels());
            return [.. slices.Select(slice => (Func<Tensor>)(() => SupervisedLoss(model, slice) * (slice.CountLabels() / whole)))];
        };
    }

    /// <summary>Steps are counted from the attack's or the defense's first: a second loop goes on where the first one ended.</summary>
    private static LaterSteps Reported(IProgress<TrainingProgress> progress, BudgetMeter budget) =>
        new LaterSteps(progress, budget.Steps);

    private Func<IReadOnlyList<Func<Tensor>>> Repeated(Func<Tensor> loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        var count = _options.AccumulationSteps;
        Func<Tensor>[] parts = [.. Enumerable.Repeat(count == 1 ? loss : () => loss() / count, count)];
        return () => parts;
    }

    private Optimizer NewOptimizer(ParameterArena arena, SeededRandom rounding) => _options.Optimizer switch
    {
        OptimizerKind.AdamW =>
            new AdamW(arena, _options.LearningRate, _options.WeightDecay) { LowPrecision = _options.LowPrecision, Random = rounding },
        OptimizerKind.Sgd => new Sgd(arena, _options.LearningRate, _options.Momentum, _options.WeightDecay)
            { Nesterov = _options.Nesterov, LowPrecision = _options.LowPrecision, Random = rounding },
        OptimizerKind.Adafactor =>
            new Adafactor(arena, _options.LearningRate, _options.WeightDecay) { LowPrecision = _options.LowPrecision, Random = rounding },
        OptimizerKind.Lion =>
            new Lion(arena, _options.LearningRate, _options.WeightDecay) { LowPrecision = _options.LowPrecision, Random = rounding },
        OptimizerKind.Adagrad => new Adagrad(arena, _options.LearningRate, _options.WeightDecay)
            { LowPrecision = _options.LowPrecision, Random = rounding },
        OptimizerKind.Adadelta => new Adadelta(arena, _options.LearningRate, _options.WeightDecay)
            { LowPrecision = _options.LowPrecision, Random = rounding },
        OptimizerKind.ScheduleFreeAdamW => new ScheduleFreeAdamW(arena, _options.LearningRate, _options.WeightDecay)
            { LowPrecision = _options.LowPrecision, Random = rounding },
        _ => throw new ArgumentOutOfRangeException(nameof(arena), _options.Optimizer, "Unknown optimizer."),
    };

    private sealed class LaterSteps(IProgress<TrainingProgress> progress, long before) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => progress.Report(value with { Step = (int)before + value.Step });
    }
}
