using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Sdk.Training;

/// <summary>Adadelta (Zeiler 2012, arXiv 1212.5701), numerically as in PyTorch: steps in units of the weights; usual rates are near 1.</summary>
public sealed class Adadelta(ParameterArena arena, double learningRate, double weightDecay = 0, double rho = 0.9, double epsilon = 1e-6)
    : Optimizer(arena, learningRate)
{
    private Tensor? _squares;
    private Tensor? _changes;

    private protected override void Update(Tensor weights, Tensor gradient, ArenaSlice slice)
    {
        var given = weightDecay == 0 ? gradient : gradient.add(weights, alpha: weightDecay);
        var squares = slice.Of(_squares ??= NewState()).mul_(rho).addcmul_(given, given, value: 1 - rho);
        var changes = slice.Of(_changes ??= NewState());
        var change = changes.add(epsilon).div_(squares.add(epsilon)).sqrt_().mul_(given);
        changes.mul_(rho).addcmul_(change, change, value: 1 - rho);
        weights.add_(change, alpha: -LearningRate);
    }
}
