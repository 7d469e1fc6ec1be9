using System.CommandLine;
using System.Runtime.InteropServices;
using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Results;
using Titer.Runtime.Slurm;
using Titer.Runtime.Workers;
using Titer.Scenarios.Judges;

namespace Titer.Cli.Commands;

/// <summary>What a job of a cluster runs: the phases of one task of an array. Not for people; the script of the array calls it.</summary>
internal sealed class JobCommand : ICliCommand
{
    /// <summary>SIGUSR1, which the enumeration does not name.</summary>
    private const PosixSignal LimitIsNear = (PosixSignal)10;

    public Command Build()
    {
        var tasks = new Argument<string>("tasks") { Description = "The file of an array, in a results folder." };
        var task = new Option<int>("--task") { Description = "Which of its jobs.", Required = true };
        var sandbox = new SandboxOption();
        var command = new Command("job", "Play the phases of one job of a cluster.") { tasks, task, sandbox };
        command.Hidden = true;
        command.SetAction((parsed, _) => PlayAsync(Path.GetFullPath(parsed.GetValue(tasks)!), parsed.GetValue(task), sandbox.Of(parsed)));
        return command;
    }

    private static async Task<int> PlayAsync(string tasksFile, int task, SandboxMode mode)
    {
        using var drain = new CancellationTokenSource();
        using var abort = new CancellationTokenSource();
        void On(PosixSignalContext context, CancellationTokenSource token)
        {
            context.Cancel = true;
            token.Cancel();
        }

        using var limit = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(LimitIsNear, c => On(c, drain));
        using var end = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => On(c, abort));
        var (tournament, orders) = JobFolder.Read(tasksFile, task);
        var spec = tournament.Spec;
        using var folder = RunFolder.Join(Path.GetDirectoryName(Path.GetDirectoryName(tasksFile))!,
            ResultKey.Of(TiterHome.FromEnvironment().ResultKeyFile));
        var protection = WorkerProtection.Detect(mode);
        await Console.Out.WriteLineAsync(protection.SandboxText);
        if (await Strangers.WallsAsync(spec, protection, mode) is { } walls) await Console.Out.WriteLineAsync(walls);
        var assets = JobPlay.AssetsOf(folder, tournament,
            scenario => RunMetrics.Of(folder, spec, scenario, PluginCatalog.Scan(TournamentOptions.PluginSources([])), [])) with
        {
            Verdicts = new VerdictStore(TiterHome.FromEnvironment().VerdictsFolder),
        };
        await using var executor = new WorkerExecutor(WorkerProgram.Dll, protection, folder.Path, startsAhead: orders.Phases.Count > 1);
        var played = await new JobPlay(executor, folder, assets, spec, Console.Out).PlayAsync(orders.Phases, drain.Token, abort.Token);
        return played switch
        {
            JobEnd.Done => ExitCodes.Success,
            JobEnd.MoreToPlay => JobScript.MoreToPlay,
            JobEnd.Aborted => ExitCodes.Terminated,
            _ => ExitCodes.MachineFault,
        };
    }
}
