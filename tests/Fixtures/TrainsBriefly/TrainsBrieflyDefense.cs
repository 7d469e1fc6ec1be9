using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Training;
[assembly: TiterPlugin("trains_briefly", SdkApi.Level, Summary = "An honest defense of a few steps: what is reloaded again and again.")]

namespace TrainsBriefly;

public sealed record BriefOptions([Range(1, 1000)] int Steps = 3);

public sealed class TrainsBrieflyDefense(BriefOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var pairs = context.Data.Pairs.Shuffle(context.Random.Fork("pairs"), batchSize: 8);
        new FineTuner(new FineTunerOptions { LearningRate = 3e-4, MaxSteps = options.Steps })
            .Run(context, () => FineTuner.SupervisedLoss(context.Model, pairs.Next().Refusal));
    }
}
