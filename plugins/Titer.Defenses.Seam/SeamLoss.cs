using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using static TorchSharp.torch;

namespace Titer.Defenses.Seam;

/// <summary>The terms of SEAM that are its own.</summary>
public static class SeamLoss
{
    /// <summary>-log(mean over hidden states, the embedding's first, of CE(harmful) read through the final norm and the output embedding + 1).
    /// </summary>
    public static Tensor Unlearning(CausalLanguageModel model, TokenBatch harmful)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(harmful);
        var states = new List<Tensor>();
        model.Forward(harmful.InputIds, (_, site, value) =>
        {
            if (site is TapSite.Embedding or TapSite.BlockOutput) states.Add(value);
            return value;
        });
        var losses = states.Select(state => CausalLoss.CrossEntropy(model.Unembed(model.FinalNorm(state)), harmful.Labels));
        return -log(losses.Aggregate((a, b) => a + b) / states.Count + 1);
    }

    /// <summary>
    /// Gradient of cos(g_a, g_b), to the first order in epsilon: [(g_b(w + e (u_a - c u_b)) - g_b) / |g_b| + (g_a(w + e (u_b - c u_a)) - g_a) /
    /// |g_a|] / e, with unit vectors u and c their product: [count].
    /// </summary>
    public static Tensor SelfDestructionGradient(CausalLanguageModel model, TokenBatch harmful, TokenBatch benign, double epsilon)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var scope = NewDisposeScope();
        Tensor Harmful() => FineTuner.SupervisedLoss(model, harmful);
        Tensor Benign() => FineTuner.SupervisedLoss(model, benign);
        var (a, b) = (FlatGradient.Of(model.Arena, Harmful), FlatGradient.Of(model.Arena, Benign));
        // A gradient that is nothing points nowhere.
        var (aNorm, bNorm) = (a.norm().clamp_min(1e-12), b.norm().clamp_min(1e-12));
        var (aUnit, bUnit) = (a / aNorm, b / bNorm);
        var cosine = dot(aUnit, bUnit);
        var bMoved = FlatGradient.At(model.Arena, epsilon * (aUnit - cosine * bUnit), Benign);
        var aMoved = FlatGradient.At(model.Arena, epsilon * (bUnit - cosine * aUnit), Harmful);
        return (((bMoved - b) / bNorm + (aMoved - a) / aNorm) / epsilon).MoveToOuterDisposeScope();
    }
}
