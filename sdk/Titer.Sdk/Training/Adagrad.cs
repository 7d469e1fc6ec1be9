using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Sdk.Training;

/// <summary>Adagrad (Duchi et al. 2011), numerically as in PyTorch: every weight's rate falls with the squares that it has seen.</summary>
public sealed class Adagrad(ParameterArena arena, double learningRate, double weightDecay = 0, double epsilon = 1e-10)
    : Optimizer(arena, learningRate)
{
    private Tensor? _squares;

    private protected override void Update(Tensor weights, Tensor gradient, ArenaSlice slice)
    {
        var change = weightDecay == 0 ? gradient : gradient.add(weights, alpha: weightDecay);
        var squares = slice.Of(_squares ??= NewState()).addcmul_(change, change, value: 1);
        weights.addcdiv_(change, squares.sqrt().add_(epsilon), value: -LearningRate);
    }
}
