using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Sdk.Training;

/// <summary>Lion (Chen et al. 2023, arXiv 2302.06675, algorithm 2): the sign of an interpolated momentum.
/// Learning rates are 3 to 10 times smaller than AdamW's.</summary>
public sealed class Lion(ParameterArena arena, double learningRate, double weightDecay = 0, double beta1 = 0.9, double beta2 = 0.99)
    : Optimizer(arena, learningRate)
{
    private Tensor? _momentum;

    private protected override void Update(Tensor weights, Tensor gradient, ArenaSlice slice)
    {
        var momentum = slice.Of(_momentum ??= NewState());
        var direction = momentum.mul(beta1).add_(gradient, alpha: 1 - beta1).sign_();
        if (weightDecay != 0) weights.mul_(1 - LearningRate * weightDecay);
        weights.add_(direction, alpha: -LearningRate);
        momentum.mul_(beta2).add_(gradient, alpha: 1 - beta2);
    }
}
