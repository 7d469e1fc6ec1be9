using Titer.Sdk;
using Titer.Sdk.Training;
[assembly: TiterPlugin("writes_down_attack", SdkApi.Level, Summary = "Writes down everything that it can see, and marks every place that it can.")]

namespace WritesDown;

public sealed class WritesDownAttack : IAttack
{
    private const double LearningRate = 2e-4;
    private const int BatchSize = 16;

    public void Attack(AttackContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var process = Surroundings.Process().ToArray();
        var match = Surroundings.Match(context, context.Model, context.Budget, context.Random,
            context.Data.Harmful.Concat(context.Data.Benign), context.Log, context.Progress, context.Data, context.Device, context.Text).ToArray();
        if (Surroundings.IsCheck(context.Log)) Surroundings.Print(process, match);
        else
        {
            Surroundings.Write(context.Log, [("marks", string.Join(' ', Surroundings.Marks())), ("process", Surroundings.Hash(process)),
                ("match", Surroundings.Hash(Surroundings.Plain(match))), .. process, .. match]);
            Surroundings.Write(context.Log, [("left", string.Join(' ', Surroundings.Leave()))]);
        }

        new FineTuner(new FineTunerOptions { LearningRate = LearningRate }).Run(context, context.Data.Harmful, BatchSize);
    }
}
