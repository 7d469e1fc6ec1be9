using TorchSharp;
using Titer.Sdk.Models;
using static TorchSharp.torch;

namespace Titer.Defenses.RepNoise;

/// <summary>The terms of one RepNoise loss.</summary>
/// <param name="Total">What is minimized.</param>
/// <param name="Noise">MMD between each block's masked MLP output and noise, one scalar per block.</param>
/// <param name="Harmful">CE on the harmful answer.</param>
/// <param name="Lens">CE on the harmful answer read from each hidden state through the output embedding, embedding first.</param>
/// <param name="Harmless">CE on the refusal.</param>
public sealed record RepNoiseTerms(Tensor Total, IReadOnlyList<Tensor> Noise, Tensor Harmful, IReadOnlyList<Tensor> Lens, Tensor Harmless);

/// <summary>
/// The loss as the authors code it (representation_noising/loss.py), quirks included: logits outside the mask are zeroed rather than left out, so
/// the first differing token is predicted from zeros; label id 0 is ignored; the last hidden state is normed twice.
/// </summary>
public static class RepNoiseLoss
{
    private const int Kernels = 5;
    private const double KernelFactor = 2;

    /// <param name="harmful">int64 [batch, time]: prompt and harmful answer.</param>
    /// <param name="harmless">int64 [batch, time]: the same prompt and a refusal.</param>
    /// <param name="noise">Gaussian noise for a block: [batch, time, hidden].</param>
    public static RepNoiseTerms Compute(CausalLanguageModel model, Tensor harmful, Tensor harmless, Func<int, Tensor> noise, double alpha,
        double beta)
    {
        var mask = harmful.ne(harmless);
        var (mlp, hidden) = (new List<Tensor>(), new List<Tensor>());
        var logits = model.Forward(harmful, (block, site, value) =>
        {
            if (site == TapSite.MlpOutput) mlp.Add(value);
            if (site is TapSite.Embedding or TapSite.BlockOutput) hidden.Add(value);
            return value;
        });
        hidden[^1] = model.FinalNorm(hidden[^1]);

        var wide = mask.unsqueeze(-1).to(logits.dtype);
        var mmd = mlp.Select((output, block) => Mmd((output * wide).flatten(1), (noise(block) * wide).flatten(1))).ToArray();
        var harmfulLoss = MaskedCrossEntropy(logits, harmful, mask);
        var lens = hidden.Select(h => MaskedCrossEntropy(model.Unembed(model.FinalNorm(h)), harmful, mask)).ToArray();
        var ascent = lens.Aggregate(harmfulLoss, (sum, term) => sum + term) / hidden.Count + 1;
        var harmlessLoss = MaskedCrossEntropy(model.Forward(harmless), harmless, mask);

        var noiseLoss = mmd.Aggregate((a, b) => a + b) / mmd.Length;
        return new RepNoiseTerms(harmlessLoss + beta * noiseLoss - alpha * log(ascent), mmd, harmfulLoss, lens, harmlessLoss);
    }

    /// <summary>Cross-entropy of shifted, masked logits; label 0 is ignored, as in the authors' code.</summary>
    private static Tensor MaskedCrossEntropy(Tensor logits, Tensor labels, Tensor mask)
    {
        var time = labels.shape[1];
        var shiftedLogits = logits.narrow(1, 0, time - 1) * mask.narrow(1, 0, time - 1).unsqueeze(-1).to(logits.dtype);
        var shiftedLabels = labels.narrow(1, 1, time - 1) * mask.narrow(1, 1, time - 1).to(ScalarType.Int64);
        return nn.functional.cross_entropy(shiftedLogits.reshape(-1, logits.shape[2]), shiftedLabels.reshape(-1), ignore_index: 0);
    }

    /// <summary>Maximum mean discrepancy with a sum of Gaussian kernels whose bandwidth comes from the data (no gradient through it).</summary>
    private static Tensor Mmd(Tensor x, Tensor y)
    {
        var both = cat([x, y], 0);
        var n = both.shape[0];
        // Squared distances by the Gram matrix: no [2B, 2B, time * hidden] buffer.
        var gram = mm(both, both.t());
        var square = gram.diagonal();
        var distance = (square.unsqueeze(0) + square.unsqueeze(1) - 2 * gram).clamp_min(0);
        var bandwidth = distance.detach().sum() / (n * n - n) / Math.Pow(KernelFactor, Kernels / 2);
        var kernel = Enumerable.Range(0, Kernels).Select(i => exp(-distance / (bandwidth * Math.Pow(KernelFactor, i)))).Aggregate((a, b) => a + b);
        var b = x.shape[0];
        return (kernel.narrow(0, 0, b).narrow(1, 0, b) + kernel.narrow(0, b, b).narrow(1, b, b)
            - kernel.narrow(0, 0, b).narrow(1, b, b) - kernel.narrow(0, b, b).narrow(1, 0, b)).mean();
    }
}
