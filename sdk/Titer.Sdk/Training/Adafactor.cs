using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Sdk.Training;

/// <summary>
/// Adafactor (Shazeer and Stern 2018, arXiv 1804.04235, algorithm 4): second moments of a matrix as one row and one column, so that state is a few
/// numbers per row. Deviation: the learning rate is given from outside and not relative to the size of the weights, as is usual in fine-tuning
/// (Hugging Face's <c>scale_parameter=False, relative_step=False</c>); no momentum. A matrix is read and changed some rows at a time, so that an
/// embedding of a large vocabulary is never there in float32.
/// </summary>
public sealed class Adafactor : Optimizer
{
    private readonly double _weightDecay;
    private readonly double _decayExponent;
    private readonly double _clipThreshold;
    private readonly double _epsilon;
    private readonly List<Block> _blocks = [];
    private readonly Dictionary<long, Block> _blockAt = [];

    public Adafactor(ParameterArena arena, double learningRate, double weightDecay = 0, double decayExponent = 0.8, double clipThreshold = 1,
        double epsilon = 1e-30)
        : base(arena, learningRate) =>
        (_weightDecay, _decayExponent, _clipThreshold, _epsilon) = (weightDecay, decayExponent, clipThreshold, epsilon);

    private protected override IEnumerable<ArenaSlice> Slices(long size) => _blocks.SelectMany(b => b.Pieces);

    /// <summary>Moments of all gradients, and how large each matrix' change would be: both are of the whole matrix, changed in pieces.</summary>
    private protected override void Begin()
    {
        if (_blocks.Count == 0) Divide();
        var decay = 1 - Math.Pow(StepCount, -_decayExponent);
        foreach (var block in _blocks)
        {
            using var ofBlock = torch.NewDisposeScope();
            Remember(block, decay);
            var squares = torch.zeros_like(block.Shrink);
            foreach (var piece in block.Pieces)
            {
                using var ofPiece = torch.NewDisposeScope();
                squares.add_(Change(block, piece, Gradient(piece)).square().sum());
            }

            // No update is larger than the threshold, as a root mean square.
            block.Shrink.copy_(((squares / block.Count).sqrt_() / _clipThreshold).clamp_min(1));
        }
    }

    private protected override void Update(Tensor weights, Tensor gradient, ArenaSlice slice)
    {
        var block = _blockAt[slice.Offset];
        if (_weightDecay != 0) weights.mul_(1 - LearningRate * _weightDecay);
        weights.add_(Change(block, slice, gradient).div_(block.Shrink), alpha: -LearningRate);
    }

    private void Remember(Block block, double decay)
    {
        block.Rows.mul_(decay);
        if (block.Columns is not { } columns)
        {
            block.Rows.add_(Gradient(block.Pieces[0]).square().add_(_epsilon), alpha: 1 - decay);
            return;
        }

        var sums = torch.zeros_like(columns);
        foreach (var piece in block.Pieces)
        {
            using var ofPiece = torch.NewDisposeScope();
            var squares = Gradient(piece).square().add_(_epsilon);
            block.RowsOf(piece).add_(squares.mean([-1]), alpha: 1 - decay);
            sums.add_(squares.sum([-2]));
        }

        columns.mul_(decay).add_(sums.div_(block.Height), alpha: 1 - decay);
    }

    private static Tensor Change(Block block, ArenaSlice piece, Tensor gradient)
    {
        if (block.Columns is not { } columns) return gradient * block.Rows.rsqrt();
        var rows = (block.RowsOf(piece) / block.Rows.mean([-1], keepdim: true)).rsqrt_();
        return gradient * rows.unsqueeze(-1) * columns.rsqrt().unsqueeze(-2);
    }

    private Tensor Gradient(ArenaSlice piece) => piece.Of(Arena.FlatGradient) is var own && own.dtype is ScalarType.Float32 or ScalarType.Float64
        ? own : own.to(ScalarType.Float32);

    /// <summary>A matrix in pieces of whole rows; what has one dimension, or more than two, is one piece.</summary>
    private void Divide()
    {
        var offset = 0L;
        foreach (var (_, tensor) in Arena.Parameters)
        {
            var shape = tensor.shape;
            var rows = shape.Length == 2 ? Math.Max(1, ChunkSize / shape[1]) : 0;
            ArenaSlice[] pieces = rows == 0 ? [new ArenaSlice(offset, shape)]
                : [.. Enumerable.Range(0, (int)((shape[0] + rows - 1) / rows))
                    .Select(i => new ArenaSlice(offset + i * rows * shape[1], [Math.Min(rows, shape[0] - i * rows), shape[1]]))];
            var block = shape.Length < 2 ? new Block(offset, shape, pieces, NewState(shape), null, NewState(1))
                : new Block(offset, shape, pieces, NewState(shape[..^1]), NewState([.. shape[..^2], shape[^1]]), NewState(1));
            _blocks.Add(block);
            foreach (var piece in pieces) _blockAt[piece.Offset] = block;
            offset += tensor.numel();
        }
    }

    /// <summary>One tensor of the model.</summary>
    /// <param name="Offset">Of its first number in the arena.</param>
    /// <param name="Shape">Its own.</param>
    /// <param name="Pieces">What is changed at a time, in order.</param>
    /// <param name="Rows">Moments of its rows; of all its numbers where it has one dimension.</param>
    /// <param name="Columns">Moments of its columns; null where it has one dimension.</param>
    /// <param name="Shrink">What its change of this step is divided by.</param>
    private sealed record Block(long Offset, long[] Shape, ArenaSlice[] Pieces, Tensor Rows, Tensor? Columns, Tensor Shrink)
    {
        public long Count => Shape.Aggregate(1L, (a, b) => a * b);

        public long Height => Shape[^2];

        /// <summary>Moments of a piece's rows.</summary>
        public Tensor RowsOf(ArenaSlice piece) => Pieces.Length == 1 ? Rows
            : Rows.narrow(0, (piece.Offset - Offset) / Shape[^1], piece.Shape[0]);
    }
}
