using Titer.Sdk;
[assembly: TiterPlugin("writes_down_defense", SdkApi.Level, Summary = "Writes down everything that it can see, and marks every place that it can.")]

namespace WritesDown;

public sealed class WritesDownDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var process = Surroundings.Process().ToArray();
        var match = Surroundings.Match(context, context.Model, context.Budget, context.Random,
            context.Data.Pairs.Select(p => p.Harmful).Concat(context.Data.Benign), context.Log, context.Progress, context.Data, context.Device)
            .ToArray();
        if (Surroundings.IsCheck(context.Log))
        {
            Surroundings.Print(process, match);
            return;
        }

        Surroundings.Write(context.Log, [("marks", string.Join(' ', Surroundings.Marks())), ("process", Surroundings.Hash(process)),
            ("match", Surroundings.Hash(Surroundings.Plain(match))), .. process, .. match]);
        Surroundings.Write(context.Log, [("left", string.Join(' ', Surroundings.Leave()))]);
    }
}
