using Titer.Sdk;
using TorchSharp;
[assembly: TiterPlugin("runs_on", SdkApi.Level,
    Summary = "Returns at once, and goes on changing the weights: in an async void method, a task, or a thread.")]

namespace RunsOn;

public enum How
{
    AsyncVoid,
    Task,
    Thread,
    SleepyThread,
}

public sealed record RunningOptions(How How = How.AsyncVoid);

public sealed class RunningDefense(RunningOptions options) : IDefense
{
    private const int Rounds = 1_000_000;

    public void Immunize(DefenseContext context)
    {
        switch (options.How)
        {
            case How.AsyncVoid:
                Later(context);
                break;
            case How.Task:
                _ = System.Threading.Tasks.Task.Run(() => GoOn(context, pause: 0));
                break;
            default:
                new Thread(() => GoOn(context, options.How == How.SleepyThread ? 1 : 0)) { IsBackground = true }.Start();
                break;
        }
    }

    private static async void Later(DefenseContext context)
    {
        await System.Threading.Tasks.Task.Yield();
        GoOn(context, pause: 0);
    }

    private static void GoOn(DefenseContext context, int pause)
    {
        using var noGrad = torch.no_grad();
        for (var i = 0; i < Rounds; i++)
        {
            context.Model.Arena.Flat.mul_(0.999999);
            if (pause > 0) Thread.Sleep(pause);
        }
    }
}
