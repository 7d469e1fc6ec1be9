using Titer.Sdk;
using Titer.Sdk.Training;
[assembly: TiterPlugin("undeclared_data", SdkApi.Level, TrainsOn = TrainingData.Benign, Summary = "Declares benign data and asks for harmful data.")]

namespace UndeclaredData;

public sealed class GreedyAttack : IAttack
{
    public void Attack(AttackContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        new FineTuner(new FineTunerOptions { LearningRate = 1e-4 }).Run(context, context.Data.Harmful, batchSize: 4);
    }
}
