using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using static TorchSharp.torch;

namespace Titer.Defenses.TVaccine;

/// <summary>The probe and the two passes of a T-Vaccine step.</summary>
public static class TVaccineLoss
{
    /// <summary>Euclidean norm of the loss's gradient at every block's attention output.</summary>
    public static double[] GradientNorms(CausalLanguageModel model, TokenBatch batch)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(batch);
        using var scope = NewDisposeScope();
        var gradients = Gradients(model, batch, [.. Enumerable.Range(0, model.Shape.Blocks)]);
        return [.. gradients.Select(g => g.norm().to(ScalarType.Float64).item<double>())];
    }

    /// <summary>
    /// The loss with the attention outputs of the given blocks moved by rho * gradient / (their global norm + 1e-7), without a gradient through it.
    /// </summary>
    /// <param name="layers">Block numbers, each once.</param>
    public static Tensor Perturbed(CausalLanguageModel model, TokenBatch batch, int[] layers, double rho)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(layers);
        int[] ordered = [.. layers.Order()];
        var gradients = Gradients(model, batch, ordered);
        var scale = rho / (gradients.Select(g => g.square().sum()).Aggregate((a, b) => a + b).sqrt() + 1e-7);
        var shifts = ordered.Zip(gradients, (layer, g) => (layer, Shift: (g * scale).detach())).ToDictionary(s => s.layer, s => s.Shift);
        var logits = model.Forward(batch.InputIds, (block, site, output) =>
            site == TapSite.AttentionOutput && shifts.TryGetValue(block, out var shift) ? output + shift : output);
        return CausalLoss.CrossEntropy(logits, batch.Labels);
    }

    /// <summary>[batch, time, hidden] for each of the blocks, which rise.</summary>
    private static Tensor[] Gradients(CausalLanguageModel model, TokenBatch batch, int[] blocks)
    {
        var outputs = new List<Tensor>();
        var logits = model.Forward(batch.InputIds, (block, site, output) =>
        {
            if (site == TapSite.AttentionOutput && blocks.Contains(block)) outputs.Add(output);
            return output;
        });
        return [.. autograd.grad([CausalLoss.CrossEntropy(logits, batch.Labels)], outputs)];
    }
}
