using Titer.Sdk;
using Titer.Sdk.Training;
[assembly: TiterPlugin("writes_down_attack", SdkApi.Level, Summary = "Writes down everything that it can see, and marks every place that it can.")]

namespace WritesDown;

public sealed class WritesDownAttack : IAttack
{
    private const double LearningRate = 2e-4;
    private const int BatchSize = 16;

    /// <summary>No model that is played has so few words: such a one is met in a check.</summary>
    private const int FewWords = 60;

    public void Attack(AttackContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var process = Surroundings.Process().ToArray();
        if (context.Model.Shape.Vocabulary < FewWords)
        {
            // What is printed is quoted in a finding.
            Console.WriteLine($"process {Surroundings.Hash(process)}");
        }
        else
        {
            Surroundings.Write(context.Log,
                [("marks", string.Join(' ', Surroundings.Marks())), ("process", Surroundings.Hash(process)), .. process]);
            Surroundings.Write(context.Log, Surroundings.Match(context, context.Model, context.Budget, context.Random,
                context.Data.Harmful.Concat(context.Data.Benign), context.Log, context.Progress, context.Data, context.Device));
            Surroundings.Write(context.Log, [("left", string.Join(' ', Surroundings.Leave()))]);
        }

        new FineTuner(new FineTunerOptions { LearningRate = LearningRate }).Run(context, context.Data.Harmful, BatchSize);
    }
}
