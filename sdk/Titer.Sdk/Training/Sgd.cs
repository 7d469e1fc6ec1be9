using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Sdk.Training;

/// <summary>Stochastic gradient descent with momentum, numerically as in PyTorch.</summary>
public sealed class Sgd(ParameterArena arena, double learningRate, double momentum = 0, double weightDecay = 0)
    : Optimizer(arena, learningRate)
{
    private Tensor? _velocity;

    private protected override void Update(Tensor weights, Tensor gradient, ArenaSlice slice)
    {
        var change = weightDecay == 0 ? gradient : gradient.add(weights, alpha: weightDecay);
        if (momentum != 0)
        {
            // Zero velocity at the first step makes it equal to the gradient, as PyTorch does.
            change = slice.Of(_velocity ??= NewState()).mul_(momentum).add_(change);
        }

        weights.add_(change, alpha: -LearningRate);
    }
}
