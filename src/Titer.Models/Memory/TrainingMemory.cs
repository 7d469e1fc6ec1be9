using Titer.Sdk.Training;

namespace Titer.Models.Memory;

/// <summary>How a model is trained, as far as memory goes.</summary>
/// <param name="WeightBytes">Bytes of a weight: 2 or 4.</param>
/// <param name="Rows">Sequences that are computed at the same time: of a batch, or of one slice of it.</param>
/// <param name="Time">Tokens of the longest of them.</param>
/// <param name="Answered">Of those, tokens that carry loss.</param>
public sealed record TrainingSetting(int WeightBytes, int Rows, int Time, int Answered)
{
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.AdamW;

    public LowPrecisionUpdate LowPrecision { get; init; } = LowPrecisionUpdate.MasterWeights;

    /// <summary>Rank of an adapter; null trains the weights.</summary>
    public int? Rank { get; init; }

    /// <summary>Ends of names of the maps that it adapts; empty means all.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    public bool RecomputesActivations { get; init; }

    /// <summary>SGD keeps a velocity.</summary>
    public bool HasMomentum { get; init; }

    /// <summary>Weights come into canonical units first, in float64.</summary>
    public bool WritesUnits { get; init; }
}

/// <summary>
/// What a training step takes beyond libraries, in bytes. Arithmetic over what the model and <see cref="FineTuner"/> keep: weights and gradients of
/// the whole model (an adapter's are beside them), the optimizer's state in float32, and the largest of what passes: activations until the loss is
/// differentiated, an optimizer's own tensors, or float64 copies while units are rewritten. Allocators round up; a few percent more are usual.
/// </summary>
public sealed record TrainingMemory(double Weights, double Gradients, double Optimizer, double Activations)
{
    public double Total => Weights + Gradients + Optimizer + Activations;

    public static TrainingMemory Of(ModelDimensions model, TrainingSetting setting)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(setting);
        var (width, trained) = (setting.WeightBytes, Trained(model, setting));
        var isAdapter = setting.Rank is not null;
        var adapter = isAdapter ? trained * width : 0;
        var gradients = (double)model.Parameters * width + adapter;
        var passing = Math.Max(Kept(model, setting), Math.Max(OptimizerTensors(model, setting, trained), Units(model, setting)));
        return new TrainingMemory((double)model.Parameters * width + adapter, gradients, State(model, setting, trained), passing);
    }

    /// <summary>Scalars that the optimizer changes.</summary>
    private static double Trained(ModelDimensions model, TrainingSetting setting) => setting.Rank is { } rank
        ? model.Blocks * model.Maps.Where(m => IsTarget(m.Name, setting)).Sum(m => (double)rank * (m.Input + m.Output))
        : model.Parameters;

    private static bool IsTarget(string map, TrainingSetting setting) =>
        setting.Targets.Count == 0 || setting.Targets.Any(t => $".{map}".EndsWith($".{t}", StringComparison.Ordinal));

    private static double State(ModelDimensions model, TrainingSetting setting, double trained)
    {
        var master = setting is { WeightBytes: 2, LowPrecision: LowPrecisionUpdate.MasterWeights } ? 4 * trained : 0;
        return master + setting.Optimizer switch
        {
            OptimizerKind.Sgd => setting.HasMomentum ? 4 * trained : 0,
            OptimizerKind.Lion or OptimizerKind.Adagrad => 4 * trained,
            // A row and a column of every matrix.
            OptimizerKind.Adafactor => setting.Rank is null ? 4 * model.Blocks * model.Maps.Sum(m => (double)m.Input + m.Output) : 0,
            _ => 8 * trained,
        };
    }

    /// <summary>A chunk of the weights, in 16 bits widened, and what an optimizer makes of it.</summary>
    private static double OptimizerTensors(ModelDimensions model, TrainingSetting setting, double trained)
    {
        var isWidened = setting.WeightBytes == 2;
        var rounded = isWidened && setting.LowPrecision == LowPrecisionUpdate.StochasticRounding ? 5 : 0;
        return 4 * Math.Min(Sdk.Training.Optimizer.UsualChunk, trained) * (isWidened ? 5.0 + rounded : 3);
    }

    /// <summary>Float64 copies of embedding and head while the stream's units are rewritten, their products beside them.</summary>
    private static double Units(ModelDimensions model, TrainingSetting setting) =>
        setting.WritesUnits ? 8.0 * model.Vocabulary * model.Hidden * (model.IsTied ? 3 : 5) : 0;

    private static double Kept(ModelDimensions model, TrainingSetting setting)
    {
        var (width, tokens, answered) = (setting.WeightBytes, (double)setting.Rows * setting.Time, (double)setting.Rows * setting.Answered);
        var block = Block(model, setting);
        // Of one block that is computed again, what it keeps and the gradients of that.
        var kept = setting.RecomputesActivations ? (model.Blocks * model.Hidden * width + 2 * block) * tokens
            : model.Blocks * (block + model.Hidden * width) * tokens;
        // Logits in float32, their softmax, the gradients of both; and gradients of the widest map while they are made.
        var head = 4 * answered * model.Vocabulary * (width == 2 ? 4.5 : 4);
        var weightGradients = setting.Rank is not null ? 0 : (double)model.Vocabulary * model.Hidden * width * (model.IsTied ? 2 : 1);
        var backward = 4.0 * Math.Max(model.Inner, model.Hidden) * width * tokens;
        return kept + Math.Max(head, backward) + weightGradients;
    }

    /// <summary>Bytes that a block keeps of a token for its backward pass.</summary>
    private static double Block(ModelDimensions model, TrainingSetting setting)
    {
        double width = setting.WeightBytes;
        // A norm keeps its input (in float32), what is normed and what comes out; without gains to train not what is normed.
        var norms = model.Normed * (width == 2 ? 4 + (setting.Rank is null ? 2 : 0) + 2 : setting.Rank is null ? 12 : 8);
        // Queries, keys and values as attention saw them (one for each query head), and what it mixed.
        var attention = (2 * model.Queries + 2 * Math.Max(model.Keys, model.Queries)) * width
            + (model.KeepsScores ? 2.0 * model.Heads * setting.Time * width : 0);
        var adapters = setting.Rank is { } rank ? rank * model.Maps.Count(m => IsTarget(m.Name, setting)) * width : 0;
        return norms + attention + model.Inner * model.InnerKept * width + adapters;
    }
}
