using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Sdk.Training;

/// <summary>Stochastic gradient descent with momentum, numerically as in PyTorch.</summary>
public sealed class Sgd(ParameterArena arena, double learningRate, double momentum = 0, double weightDecay = 0)
    : Optimizer(arena, learningRate)
{
    private Tensor? _velocity;

    /// <summary>The momentum looks one step ahead.</summary>
    public bool Nesterov { get; init; }

    private protected override void Update(Tensor weights, Tensor gradient, ArenaSlice slice)
    {
        var change = weightDecay == 0 ? gradient : gradient.add(weights, alpha: weightDecay);
        if (momentum != 0)
        {
            // Zero velocity at the first step makes it equal to the gradient, as PyTorch does.
            var velocity = slice.Of(_velocity ??= NewState()).mul_(momentum).add_(change);
            change = Nesterov ? change.add(velocity, alpha: momentum) : velocity;
        }

        weights.add_(change, alpha: -LearningRate);
    }
}
