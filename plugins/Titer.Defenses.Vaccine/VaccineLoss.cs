using TorchSharp;
using Titer.Sdk.Models;
using static TorchSharp.torch;

namespace Titer.Defenses.Vaccine;

/// <summary>The two passes of a Vaccine step.</summary>
public static class VaccineLoss
{
    /// <summary>Gradients of the loss at every block's attention output: [batch, time, hidden] each.</summary>
    public static Tensor[] AttentionGradients(CausalLanguageModel model, Tensor inputIds, Func<Tensor, Tensor> loss)
    {
        var outputs = new List<Tensor>();
        var value = loss(model.Forward(inputIds, (_, site, output) =>
        {
            if (site == TapSite.AttentionOutput) outputs.Add(output);
            return output;
        }));
        return [.. autograd.grad([value], outputs)];
    }

    /// <summary>Euclidean norm over all layers together.</summary>
    public static Tensor GlobalNorm(IEnumerable<Tensor> gradients) => gradients.Select(g => g.square().sum()).Aggregate((a, b) => a + b).sqrt();

    /// <summary>The loss with every attention output moved by rho * gradient / (global norm + 1e-7); no
    /// gradient flows through the perturbation.</summary>
    public static Tensor Perturbed(CausalLanguageModel model, Tensor inputIds, Func<Tensor, Tensor> loss, double rho)
    {
        var gradients = AttentionGradients(model, inputIds, loss);
        var scale = rho / (GlobalNorm(gradients) + 1e-7);
        var perturbations = gradients.Select(g => (g * scale).detach()).ToArray();
        return loss(model.Forward(inputIds, (block, site, output) => site == TapSite.AttentionOutput ? output + perturbations[block] : output));
    }
}
