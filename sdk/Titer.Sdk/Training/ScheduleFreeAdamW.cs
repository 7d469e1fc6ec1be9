using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Sdk.Training;

/// <summary>
/// Schedule-free AdamW (Defazio et al. 2024, arXiv 2405.15682, algorithm 1): gradients are taken at y, between a fast sequence z and its running
/// mean x. The weights are y at all times: between two steps they are not the mean, which lies beta1 of the way to them.
/// </summary>
public sealed class ScheduleFreeAdamW(
    ParameterArena arena, double learningRate, double weightDecay = 0, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8)
    : Optimizer(arena, learningRate)
{
    private Tensor? _fast;
    private Tensor? _second;

    private protected override void Update(Tensor weights, Tensor gradient, ArenaSlice slice)
    {
        var (fast, second) = (slice.Of(_fast ??= NewState()), slice.Of(_second ??= NewState()));
        if (StepCount == 1) fast.copy_(weights);
        var mean = (weights - (1 - beta1) * fast).div_(beta1);
        second.mul_(beta2).addcmul_(gradient, gradient, value: 1 - beta2);
        var root = second.sqrt().div_(Math.Sqrt(1 - Math.Pow(beta2, StepCount))).add_(epsilon);
        if (weightDecay != 0) fast.add_(weights, alpha: -LearningRate * weightDecay);
        fast.addcdiv_(gradient, root, value: -LearningRate);
        mean.mul_(1 - 1.0 / StepCount).add_(fast, alpha: 1.0 / StepCount);
        weights.copy_((1 - beta1) * fast + beta1 * mean);
    }
}
