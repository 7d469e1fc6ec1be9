using Titer.Sdk;
[assembly: TiterPlugin("writes_down_defense", SdkApi.Level, Summary = "Writes down everything that it can see, and marks every place that it can.")]

namespace WritesDown;

public sealed class WritesDownDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var process = Surroundings.Process().ToArray();
        Surroundings.Write(context.Log, [("marks", string.Join(' ', Surroundings.Marks())), ("process", Surroundings.Hash(process)), .. process]);
        Surroundings.Write(context.Log, Surroundings.Match(context, context.Model, context.Budget, context.Random,
            context.Data.Pairs.Select(p => p.Harmful).Concat(context.Data.Benign), context.Log, context.Progress, context.Data, context.Device));
        Surroundings.Write(context.Log, [("left", string.Join(' ', Surroundings.Leave()))]);
    }
}
