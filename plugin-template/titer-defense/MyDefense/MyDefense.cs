// Name the paper here: title, authors, year, and what your code simplifies.
// This one trains refusals with randomly chosen attention outputs scaled down, so that refusing does not hang on one block.
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Models;
using Titer.Sdk.Training;

[assembly: TiterPlugin("my_defense", SdkApi.Level, Summary = "Refusal training with attention outputs dimmed at random.")]

namespace MyDefense;

/// <summary>One positional record: a default for every option, ranges by attributes; set in tournament files as learning_rate, ...</summary>
public sealed record DefenseOptions(
    [Range(1e-7, 1)] double LearningRate = 3e-4,
    [Range(1, 4096)] int BatchSize = 16,
    [Range(0, 1)] double DimProbability = 0.3,
    [Range(0, 100)] double RetainWeight = 1,
    [Range(1, 1_000_000)] int MaxSteps = 100);

public sealed class Defense(DefenseOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var pairs = context.Data.Pairs.Shuffle(context.Random.Fork("pairs"), options.BatchSize);
        var benign = context.Data.Benign.Shuffle(context.Random.Fork("benign"), options.BatchSize);
        var dim = context.Random.Fork("dim");

        new FineTuner(new FineTunerOptions { LearningRate = options.LearningRate, MaxSteps = options.MaxSteps }).Run(context, () =>
        {
            var refusal = pairs.Next().Refusal;
            var logits = context.Model.Forward(refusal.InputIds, (_, site, value) =>
                site == TapSite.AttentionOutput && dim.NextDouble() < options.DimProbability ? value * 0.5 : value);
            var retain = FineTuner.SupervisedLoss(context.Model, benign.Next());
            return CausalLoss.CrossEntropy(logits, refusal.Labels) + options.RetainWeight * retain;
        });
    }
}
