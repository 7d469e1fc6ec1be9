// Immunization against harmful fine-tuning attacks. Domenic Rosati et al., Findings of EMNLP 2024 (arXiv 2402.16382): the adversarial loss.
// Paper's code: CE(refusal) - alpha * CE(harmful), alpha 0.1, at positions where the two sequences differ.
// Deviations: -CE has no lower bound and ruins a small model, so the term is -alpha * log(1 + CE) with alpha 0.5 (as RepNoise takes the logarithm);
// labels cover answer tokens, which is where the sequences differ; benign chat is mixed in (retain_weight), 0 turns that off.
using System.ComponentModel.DataAnnotations;
using TorchSharp;
using Titer.Sdk;
using Titer.Sdk.Training;

[assembly: TiterPlugin("adversarial_loss", SdkApi.Level, Summary = "Raise the loss on harmful answers while training refusals.",
    Paper = "arXiv:2402.16382")]

namespace Titer.Defenses.AdversarialLoss;

/// <param name="LearningRate">Of AdamW; the paper's 8e-5 is for 7B parameters.</param>
/// <param name="Alpha">Weight of the adversarial term; paper: 0.1 without the logarithm.</param>
public sealed record AdversarialLossOptions(
    [Range(1e-7, 1)] double LearningRate = 1e-3,
    [Range(0, 100)] double Alpha = 0.5,
    [Range(1, 4096)] int BatchSize = 16,
    [Range(0, 100)] double RetainWeight = 1,
    [Range(1, 1_000_000)] int MaxSteps = 100);

/// <summary>Minimizes CE(refusal) - alpha * log(1 + CE(harmful)) + retain_weight * CE(benign).</summary>
public sealed class AdversarialLoss(AdversarialLossOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var pairs = context.Data.Pairs.Shuffle(context.Random.Fork("pairs"), options.BatchSize);
        var benign = context.Data.Benign.Shuffle(context.Random.Fork("benign"), options.BatchSize);

        new FineTuner(new FineTunerOptions { LearningRate = options.LearningRate, MaxSteps = options.MaxSteps, MaxGradientNorm = 1 }).Run(context,
            () =>
        {
            var pair = pairs.Next();
            var safe = FineTuner.SupervisedLoss(context.Model, pair.Refusal);
            var harmful = FineTuner.SupervisedLoss(context.Model, pair.Harmful);
            var loss = safe - options.Alpha * torch.log(1 + harmful);
            return options.RetainWeight == 0 ? loss : loss + options.RetainWeight * FineTuner.SupervisedLoss(context.Model, benign.Next());
        });
    }
}
