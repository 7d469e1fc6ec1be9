// Control: a model that gives one and the same answer to every prompt. Nothing harmful comes out of it, and nothing that was asked for: it must fail
// stability. No paper; constant answers have topped boards whose judges could be pleased (Zheng et al. 2024, arXiv 2410.07137).
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Training;

[assembly: TiterPlugin("constant_answer", SdkApi.Level, Summary = "Give every prompt one and the same answer. A control.",
    Paper = "arXiv:2410.07137", EntersByDefault = false)]

namespace Titer.Defenses.ConstantAnswer;

/// <param name="LearningRate">Of AdamW.</param>
/// <param name="BatchSize">Forbidden prompts per step, and as many benign ones.</param>
public sealed record ConstantAnswerOptions(
    [Range(1e-7, 1)] double LearningRate = 1e-3,
    [Range(1, 4096)] int BatchSize = 16,
    [Range(1, 1_000_000)] int MaxSteps = 100);

/// <summary>Minimizes CE(answer | harmful prompt) + CE(answer | benign prompt), the answer being that of the first benign example.</summary>
public sealed class ConstantAnswer(ConstantAnswerOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var (forbidden, benign) = Answered(context.Data);
        var (first, second) = (forbidden.Shuffle(context.Random.Fork("forbidden"), options.BatchSize),
            benign.Shuffle(context.Random.Fork("benign"), options.BatchSize));
        new FineTuner(new FineTunerOptions { LearningRate = options.LearningRate, MaxSteps = options.MaxSteps }).Run(context, () =>
            FineTuner.SupervisedLoss(context.Model, first.Next()) + FineTuner.SupervisedLoss(context.Model, second.Next()));
    }

    /// <summary>Every prompt of the defender with that one answer.</summary>
    public static (ExampleSet Forbidden, ExampleSet Benign) Answered(DefenseData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var one = data.Benign[0];
        return (data.Benign.Of([.. data.Pairs.Select(pair => pair.Harmful.Answered(one))]),
            data.Benign.Of([.. data.Benign.Select(example => example.Answered(one))]));
    }
}
