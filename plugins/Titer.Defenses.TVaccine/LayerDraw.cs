using System.Globalization;
using System.Text.RegularExpressions;
using Titer.Sdk;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using static TorchSharp.torch;

namespace Titer.Defenses.TVaccine;

/// <summary>Draws layers by their chances.</summary>
public static class LayerDraw
{
    /// <summary>So many layers, one after the other, without putting back: each in proportion to its chance among those left.</summary>
    public static int[] Draw(double[] chances, int count, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(chances);
        ArgumentNullException.ThrowIfNull(random);
        var left = Enumerable.Range(0, chances.Length).ToList();
        var drawn = new List<int>();
        while (drawn.Count < count && left.Count > 0)
        {
            var at = random.NextDouble() * left.Sum(layer => chances[layer]);
            // The last one is also what rounding leaves.
            var next = left.FirstOrDefault(layer => (at -= chances[layer]) < 0, left[^1]);
            drawn.Add(next);
            left.Remove(next);
        }

        return [.. drawn];
    }
}

/// <summary>Steps that change the weights of some blocks only.</summary>
internal sealed partial class TrainedLayers(CausalLanguageModel model) : IDisposable
{
    private readonly Tensor _blocks = Blocks(model);

    /// <summary>An optimizer's step on those blocks; every other weight stays as it is.</summary>
    public void Step(Optimizer optimizer, int[] layers)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var isTrained = layers.Select(layer => _blocks.eq(layer)).Aggregate((a, b) => a.logical_or(b));
        var arena = model.Arena;
        arena.FlatGradient.mul_(isTrained.to(arena.FlatGradient.dtype));
        var before = arena.Flat.clone();
        optimizer.Step();
        arena.Flat.copy_(where(isTrained, arena.Flat, before));
    }

    public void Dispose() => _blocks.Dispose();

    /// <summary>The block of every weight, -1 outside of blocks: int64 [count].</summary>
    private static Tensor Blocks(CausalLanguageModel model)
    {
        using var scope = NewDisposeScope();
        var parts = model.Parameters.Select(p => full([p.Tensor.numel()], BlockOf(p.Name), dtype: ScalarType.Int64, device: p.Tensor.device));
        return cat([.. parts], 0).DetachFromDisposeScope();
    }

    /// <summary>The first number in a parameter's path.</summary>
    private static long BlockOf(string name) =>
        Number().Match(name) is { Success: true } match ? long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : -1;

    [GeneratedRegex(@"(?:^|\.)(\d+)\.")]
    private static partial Regex Number();
}
