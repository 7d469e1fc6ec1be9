using Titer.Sdk.Models;
using static TorchSharp.torch;

namespace Titer.Defenses;

/// <summary>
/// Gradients as vectors over all weights, for defenses that look a step of an attacker ahead. Compiled into each of them, since a plugin is one
/// assembly: <c>&lt;Compile Include="../FlatGradient.cs" /&gt;</c>.
/// </summary>
internal static class FlatGradient
{
    /// <summary>Gradient of a loss at the weights as they are: [count], in the caller's dispose scope. The arena's own gradients are zero after it.
    /// </summary>
    public static Tensor Of(ParameterArena arena, Func<Tensor> loss)
    {
        using var scope = NewDisposeScope();
        arena.ZeroGradients();
        loss().backward();
        using var noGrad = no_grad();
        var gradient = arena.FlatGradient.clone();
        arena.ZeroGradients();
        return gradient.MoveToOuterDisposeScope();
    }

    /// <summary>The same at the weights moved by <paramref name="shift"/> ([count]); the weights are put back bit by bit.</summary>
    public static Tensor At(ParameterArena arena, Tensor shift, Func<Tensor> loss)
    {
        using var scope = NewDisposeScope();
        var start = arena.Flat.clone();
        Write(arena, start + shift);
        try
        {
            return Of(arena, loss).MoveToOuterDisposeScope();
        }
        finally
        {
            Write(arena, start);
        }
    }

    private static void Write(ParameterArena arena, Tensor weights)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        arena.Flat.copy_(weights);
    }
}
