// Control of Rosati et al. 2024 (arXiv 2402.16382): more refusal training with the same budget is what a defense must beat.
// Deviation: benign chat is mixed in (retain_weight), so that a loss of utility is not the reason for its score.
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Training;

[assembly: TiterPlugin("safety_sft", SdkApi.Level, Summary = "More refusal training.", Paper = "arXiv:2402.16382")]

namespace Titer.Defenses.SafetySft;

/// <param name="LearningRate">Of AdamW.</param>
/// <param name="BatchSize">Refusals per step, and as many benign chats.</param>
/// <param name="RetainWeight">Weight of the loss on benign chat.</param>
public sealed record SafetySftOptions(
    [Range(1e-7, 1)] double LearningRate = 3e-4,
    [Range(1, 4096)] int BatchSize = 16,
    [Range(0, 100)] double RetainWeight = 1,
    [Range(1, 1_000_000)] int MaxSteps = 100);

/// <summary>Minimizes CE(refusal | harmful prompt) + retain_weight * CE(answer | benign prompt).</summary>
public sealed class SafetySft(SafetySftOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var pairs = context.Data.Pairs.Shuffle(context.Random.Fork("pairs"), options.BatchSize);
        var benign = context.Data.Benign.Shuffle(context.Random.Fork("benign"), options.BatchSize);

        new FineTuner(new FineTunerOptions { LearningRate = options.LearningRate, MaxSteps = options.MaxSteps }).Run(context, () =>
        {
            var safe = FineTuner.SupervisedLoss(context.Model, pairs.Next().Refusal);
            return options.RetainWeight == 0 ? safe : safe + options.RetainWeight * FineTuner.SupervisedLoss(context.Model, benign.Next());
        });
    }
}
