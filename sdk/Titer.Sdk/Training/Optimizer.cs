using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Sdk.Training;

/// <summary>
/// An optimizer over one parameter arena. Reads the arena's gradients; does not zero them. Arithmetic and state are float32 (float64 for such
/// weights) whatever the weights are; <see cref="LowPrecision"/> says how weights of 16 bits take the change.
/// </summary>
public abstract class Optimizer : IDisposable
{
    /// <summary>Scalars that are widened at a time, where nothing else is said.</summary>
    internal const long UsualChunk = 1 << 22;

    private readonly List<Tensor> _state = [];
    private LowPrecisionWeights? _low;

    private protected Optimizer(ParameterArena arena, double learningRate) => (Arena, LearningRate) = (arena, learningRate);

    public double LearningRate { get; set; }

    /// <summary>Without effect on float32 weights.</summary>
    public LowPrecisionUpdate LowPrecision { get; init; } = LowPrecisionUpdate.MasterWeights;

    /// <summary>Draws the rounding of <see cref="LowPrecisionUpdate.StochasticRounding"/>, which needs it.</summary>
    public SeededRandom? Random { get; init; }

    /// <summary>Scalars that are widened at a time: keeps what a step needs beyond its state small.</summary>
    internal long ChunkSize { get; init; } = UsualChunk;

    private protected ParameterArena Arena { get; }

    /// <summary>Steps so far, the running one included.</summary>
    private protected int StepCount { get; private set; }

    /// <summary>Changes the parameters by one step.</summary>
    public void Step()
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        StepCount++;
        Begin();
        if (Arena.Flat.dtype is ScalarType.Float32 or ScalarType.Float64)
        {
            foreach (var slice in Slices(Arena.Count))
            {
                // Ends with the piece: of all matrices together it would be several more models.
                using var ofSlice = torch.NewDisposeScope();
                Update(slice.Of(Arena.Flat), slice.Of(Arena.FlatGradient), slice);
            }

            return;
        }

        _low ??= new LowPrecisionWeights(Arena, LowPrecision, Random);
        foreach (var slice in Slices(ChunkSize))
        {
            using var sliceScope = torch.NewDisposeScope();
            var wide = _low.Widen(slice);
            Update(wide, slice.Of(Arena.FlatGradient).to(ScalarType.Float32), slice);
            _low.Narrow(slice, wide);
        }
    }

    /// <summary>What a step must know of the gradients before anything changes; without gradients.</summary>
    private protected virtual void Begin()
    {
    }

    /// <summary>Changes one slice's weights in place; without gradients, in a scope of its own.</summary>
    private protected abstract void Update(Tensor weights, Tensor gradient, ArenaSlice slice);

    /// <summary>The pieces that are updated one after the other, of at most so many scalars where the algorithm does not mind.</summary>
    private protected virtual IEnumerable<ArenaSlice> Slices(long size)
    {
        for (var offset = 0L; offset < Arena.Count; offset += size)
            yield return new ArenaSlice(offset, [Math.Min(size, Arena.Count - offset)]);
    }

    /// <summary>Zeros that live as long as the optimizer: as many as there are parameters, or of that shape.</summary>
    private protected Tensor NewState(params long[] shape)
    {
        var type = Arena.Flat.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        var state = torch.zeros(shape.Length == 0 ? [Arena.Count] : shape, dtype: type, device: Arena.Flat.device).DetachFromDisposeScope();
        _state.Add(state);
        return state;
    }

    public void Dispose()
    {
        foreach (var tensor in _state) tensor.Dispose();
        _low?.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>A piece of an arena.</summary>
internal readonly record struct ArenaSlice(long Offset, long[] Shape)
{
    /// <summary>A view of that piece of a flat tensor.</summary>
    public Tensor Of(Tensor flat) => flat.narrow(0, Offset, Shape.Aggregate(1L, (a, b) => a * b)).view(Shape);
}
