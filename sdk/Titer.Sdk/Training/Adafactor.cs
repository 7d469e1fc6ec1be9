using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Sdk.Training;

/// <summary>
/// Adafactor (Shazeer and Stern 2018, arXiv 1804.04235, algorithm 4): second moments of a matrix as one row and one column, so that state is a few
/// numbers per row. Deviation: the learning rate is given from outside and not relative to the size of the weights, as is usual in fine-tuning
/// (Hugging Face's <c>scale_parameter=False, relative_step=False</c>); no momentum.
/// </summary>
public sealed class Adafactor(ParameterArena arena, double learningRate, double weightDecay = 0, double decayExponent = 0.8,
    double clipThreshold = 1, double epsilon = 1e-30)
    : Optimizer(arena, learningRate)
{
    private readonly Dictionary<long, (Tensor Rows, Tensor? Columns)> _moments = [];

    /// <summary>A matrix is one piece: its rows and columns belong together.</summary>
    private protected override IEnumerable<ArenaSlice> Slices(long size)
    {
        var offset = 0L;
        foreach (var (_, tensor) in Arena.Parameters)
        {
            yield return new ArenaSlice(offset, tensor.shape);
            offset += tensor.numel();
        }
    }

    private protected override void Update(Tensor weights, Tensor gradient, ArenaSlice slice)
    {
        var shape = slice.Shape;
        if (!_moments.TryGetValue(slice.Offset, out var moments))
            _moments[slice.Offset] =
                moments = shape.Length < 2 ? (NewState(shape), null) : (NewState(shape[..^1]), NewState([.. shape[..^2], shape[^1]]));
        var decay = 1 - Math.Pow(StepCount, -decayExponent);
        var squares = gradient.square().add_(epsilon);
        Tensor change;
        if (moments.Columns is { } columns)
        {
            var rows = moments.Rows.mul_(decay).add_(squares.mean([-1]), alpha: 1 - decay);
            columns.mul_(decay).add_(squares.mean([-2]), alpha: 1 - decay);
            change = gradient * (rows / rows.mean([-1], keepdim: true)).rsqrt_().unsqueeze(-1) * columns.rsqrt().unsqueeze(-2);
        }
        else
        {
            change = gradient * moments.Rows.mul_(decay).add_(squares, alpha: 1 - decay).rsqrt();
        }

        // No update is larger than the threshold, as a root mean square.
        change.div_((change.square().mean().sqrt() / clipThreshold).clamp_min(1));
        if (weightDecay != 0) weights.mul_(1 - LearningRate * weightDecay);
        weights.add_(change, alpha: -LearningRate);
    }
}
