using TorchSharp;
using Titer.Sdk.Models;

namespace Titer.Sdk.Training;

/// <summary>An optimizer over one parameter arena. Reads the arena's gradients; does not zero them.</summary>
public abstract class Optimizer : IDisposable
{
    private readonly List<Tensor> _state = [];

    private protected Optimizer(ParameterArena arena, double learningRate) => (Arena, LearningRate) = (arena, learningRate);

    public double LearningRate { get; set; }

    private protected ParameterArena Arena { get; }

    /// <summary>Changes the parameters by one step.</summary>
    public abstract void Step();

    private protected Tensor NewState()
    {
        using var noGrad = torch.no_grad();
        var state = torch.zeros_like(Arena.Flat).DetachFromDisposeScope();
        _state.Add(state);
        return state;
    }

    public void Dispose()
    {
        foreach (var tensor in _state) tensor.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101), numerically as in PyTorch, six operations over the whole arena.</summary>
public sealed class AdamW(ParameterArena arena, double learningRate, double weightDecay = 0, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8)
    : Optimizer(arena, learningRate)
{
    private Tensor? _first;
    private Tensor? _second;
    private int _step;

    public override void Step()
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var (first, second) = (_first ??= NewState(), _second ??= NewState());
        _step++;
        if (weightDecay != 0) Arena.Flat.mul_(1 - LearningRate * weightDecay);
        var gradient = Arena.FlatGradient;
        first.mul_(beta1).add_(gradient, alpha: 1 - beta1);
        second.mul_(beta2).addcmul_(gradient, gradient, value: 1 - beta2);
        var root = second.sqrt().div_(Math.Sqrt(1 - Math.Pow(beta2, _step))).add_(epsilon);
        Arena.Flat.addcdiv_(first, root, value: -LearningRate / (1 - Math.Pow(beta1, _step)));
    }
}

/// <summary>Stochastic gradient descent with momentum, numerically as in PyTorch.</summary>
public sealed class Sgd(ParameterArena arena, double learningRate, double momentum = 0, double weightDecay = 0)
    : Optimizer(arena, learningRate)
{
    private Tensor? _velocity;

    public override void Step()
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var gradient = weightDecay == 0 ? Arena.FlatGradient : Arena.FlatGradient.add(Arena.Flat, alpha: weightDecay);
        if (momentum != 0)
        {
            // Zero velocity at the first step makes it equal to the gradient, as PyTorch does.
            var velocity = _velocity ??= NewState();
            gradient = velocity.mul_(momentum).add_(gradient);
        }

        Arena.Flat.add_(gradient, alpha: -LearningRate);
    }
}
