// Targeted Vaccine: Safety Alignment for Large Language Models against Harmful Fine-Tuning via Layer-wise Perturbation. Guozhi Liu et al.
// (arXiv 2410.09760). Every probe_every steps: s_l = |dL/de_l| at each attention output on harmful answers, p_l = s_l / sum. Every sample_every
// steps: layers are drawn by p without putting back. Every step: Vaccine's two passes normed over drawn layers alone; all others are frozen.
// Deviations: the number of layers is a part of them (paper: 8 of 32); all weights of a drawn layer in place of a LoRA; AdamW's moments of a frozen
// layer fade; constant rate (paper: cosine); benign chat is part of the loss (retain_weight), 0 turns that off.
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Training;
using static TorchSharp.torch;

[assembly: TiterPlugin("t_vaccine", SdkApi.Level, Summary = "Align under the worst perturbation of the layers that harm runs through.",
    Paper = "arXiv:2410.09760", EntersByDefault = false)]

namespace Titer.Defenses.TVaccine;

/// <param name="LearningRate">Of AdamW; paper: 1e-3.</param>
/// <param name="Rho">Size of the perturbation; paper: 3.</param>
/// <param name="LayerPart">Part of the layers that is perturbed and trained; paper: 8 of 32.</param>
/// <param name="ProbeEvery">Steps between probes (K); paper: 200.</param>
/// <param name="ProbeSamples">Harmful answers per probe; paper: 200.</param>
/// <param name="SampleEvery">Steps between draws of layers (J); paper: 20.</param>
/// <param name="BatchSize">Paper: 10.</param>
public sealed record TVaccineOptions(
    [Range(1e-7, 1)] double LearningRate = 1e-3,
    [Range(0, 1000)] double Rho = 3,
    [Range(0.01, 1)] double LayerPart = 0.25,
    [Range(1, 100_000)] int ProbeEvery = 200,
    [Range(1, 100_000)] int ProbeSamples = 200,
    [Range(1, 100_000)] int SampleEvery = 20,
    [Range(1, 4096)] int BatchSize = 10,
    [Range(0, 1)] double WeightDecay = 0.1,
    [Range(0, 100)] double RetainWeight = 1,
    [Range(1, 1_000_000)] int MaxSteps = 100);

public sealed class TVaccine(TVaccineOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var model = context.Model;
        var pairs = context.Data.Pairs.Shuffle(context.Random.Fork("pairs"), options.BatchSize);
        var probes = context.Data.Pairs.Shuffle(context.Random.Fork("probes"), options.BatchSize);
        var benign = context.Data.Benign.Shuffle(context.Random.Fork("benign"), options.BatchSize);
        using var draws = context.Random.Fork("layers");
        using var optimizer = new AdamW(model.Arena, options.LearningRate, options.WeightDecay);
        using var training = new TrainedLayers(model);
        double[] chances = [];
        int[] layers = [];
        var steps = Math.Min(options.MaxSteps, context.Budget.StepsLeft);
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            if (step % options.ProbeEvery == 0) chances = Probe(context, probes);
            if (step % options.SampleEvery == 0)
                layers = LayerDraw.Draw(chances, Math.Max(1, (int)Math.Round(options.LayerPart * chances.Length)), draws);
            var refusal = pairs.Next().Refusal;
            model.Arena.ZeroGradients();
            var loss = TVaccineLoss.Perturbed(model, refusal, layers, options.Rho);
            if (options.RetainWeight != 0) loss += options.RetainWeight * FineTuner.SupervisedLoss(model, benign.Next());
            loss.backward();
            training.Step(optimizer, layers);
            context.Progress.Report(new TrainingProgress(step + 1, loss.to(ScalarType.Float32).item<float>()));
            context.Step();
        }
    }

    /// <summary>Chance of each layer: its part of the gradient norms at attention outputs on harmful answers.</summary>
    private double[] Probe(DefenseContext context, PairSampler probes)
    {
        var norms = new double[context.Model.Shape.Blocks];
        for (var seen = 0; seen < options.ProbeSamples; seen += options.BatchSize)
        {
            using var scope = NewDisposeScope();
            var batch = TVaccineLoss.GradientNorms(context.Model, probes.Next().Harmful);
            for (var layer = 0; layer < norms.Length; layer++) norms[layer] += batch[layer];
        }

        var sum = norms.Sum();
        // Without a gradient anywhere every layer is as good as another.
        return [.. norms.Select(norm => sum > 0 ? norm / sum : 1.0 / norms.Length)];
    }
}
