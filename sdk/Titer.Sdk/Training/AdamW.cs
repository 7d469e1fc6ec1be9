using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Sdk.Training;

/// <summary>AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101), numerically as in PyTorch, six operations over the whole arena.</summary>
public sealed class AdamW(ParameterArena arena, double learningRate, double weightDecay = 0, double beta1 = 0.9, double beta2 = 0.999,
    double epsilon = 1e-8)
    : Optimizer(arena, learningRate)
{
    private Tensor? _first;
    private Tensor? _second;

    private protected override void Update(Tensor weights, Tensor gradient, ArenaSlice slice)
    {
        var (first, second) = (slice.Of(_first ??= NewState()), slice.Of(_second ??= NewState()));
        if (weightDecay != 0) weights.mul_(1 - LearningRate * weightDecay);
        first.mul_(beta1).add_(gradient, alpha: 1 - beta1);
        second.mul_(beta2).addcmul_(gradient, gradient, value: 1 - beta2);
        var root = second.sqrt().div_(Math.Sqrt(1 - Math.Pow(beta2, StepCount))).add_(epsilon);
        weights.addcdiv_(first, root, value: -LearningRate / (1 - Math.Pow(beta1, StepCount)));
    }
}
