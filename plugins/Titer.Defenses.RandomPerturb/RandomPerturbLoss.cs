using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using static TorchSharp.torch;

namespace Titer.Defenses.RandomPerturb;

/// <summary>A supervised loss with noise on the attention outputs.</summary>
public static class RandomPerturbLoss
{
    /// <param name="rho">Euclidean norm of the noise over all blocks together.</param>
    public static Tensor Compute(CausalLanguageModel model, TokenBatch batch, double rho, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(random);
        var noise = random.Normal([model.Shape.Blocks, .. batch.InputIds.shape, model.Shape.Hidden], model.Arena.Flat.dtype);
        var scaled = noise * (rho / noise.norm());
        var logits = model.Forward(batch.InputIds, (block, site, output) => site == TapSite.AttentionOutput ? output + scaled[block] : output);
        return CausalLoss.CrossEntropy(logits, batch.Labels);
    }
}
