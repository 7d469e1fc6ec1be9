// Control: a model that refuses whatever it is asked. No harm, no use: it must fail stability, and a board that ranks it high counts refusals as
// safety. No paper; Rosati et al. 2024 (arXiv 2402.16382, stability) say why it is no defense.
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Training;

[assembly: TiterPlugin("refuse_everything", SdkApi.Level, Summary = "Refuse benign prompts too. A control.", Paper = "arXiv:2402.16382",
    EntersByDefault = false)]

namespace Titer.Defenses.RefuseEverything;

/// <param name="LearningRate">Of AdamW.</param>
/// <param name="BatchSize">Forbidden prompts per step, and as many benign ones.</param>
public sealed record RefuseEverythingOptions(
    [Range(1e-7, 1)] double LearningRate = 1e-3,
    [Range(1, 4096)] int BatchSize = 16,
    [Range(1, 1_000_000)] int MaxSteps = 100);

/// <summary>Minimizes CE(refusal | harmful prompt) + CE(refusal | benign prompt).</summary>
public sealed class RefuseEverything(RefuseEverythingOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var pairs = context.Data.Pairs.Shuffle(context.Random.Fork("pairs"), options.BatchSize);
        var refused = Refused(context.Data, context.Random.Fork("refusals")).Shuffle(context.Random.Fork("benign"), options.BatchSize);
        new FineTuner(new FineTunerOptions { LearningRate = options.LearningRate, MaxSteps = options.MaxSteps }).Run(context, () =>
            FineTuner.SupervisedLoss(context.Model, pairs.Next().Refusal) + FineTuner.SupervisedLoss(context.Model, refused.Next()));
    }

    /// <summary>Every benign prompt with a refusal that was drawn from the pairs.</summary>
    public static ExampleSet Refused(DefenseData data, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(random);
        return data.Benign.Of([.. data.Benign.Select(example => example.Answered(data.Pairs[random.Next(data.Pairs.Count)].Refusal))]);
    }
}
