using System.Text.Json;
using Titer.Files;
using Titer.Files.Codes;
using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Runtime.Workers;
using Titer.Scenarios.Judges;

namespace Titer.Runtime.Authoring;

/// <summary>What a worker was asked for cannot be done; the message is the one that its own exception had.</summary>
internal sealed class WorkerRefusalException(string message) : Exception(message), ICoded
{
    public string Code { get; } = MessageCode.Of(message);
}

/// <summary>
/// Has a scenario checked, or the embedded one's subject built, in a worker: the caller loads no torch, and a native error there is a line here.
/// </summary>
internal sealed class SubjectSupervisor(string workerDll, WorkerProtection protection, Action<string> say)
{
    private static readonly TimeSpan ExitGrace = TimeSpan.FromSeconds(5);

    /// <param name="scenario">Embedded scenario's name, or a path.</param>
    /// <param name="plugins">Where a metric of the scenario's that is a plugin is looked for.</param>
    /// <returns>The report, and whether the scenario is usable.</returns>
    /// <exception cref="WorkerRefusalException">The scenario is refused.</exception>
    /// <exception cref="MachineFaultException">The worker ended, or no worker came up.</exception>
    public Task<SubjectReportMessage> CheckAsync(string scenario, IReadOnlyList<PluginSource> plugins, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        // The worker has a working folder of its own.
        var isName = scenario.IndexOfAny(['/', '\\', '.']) < 0;
        return AskAsync(new CheckScenarioMessage(isName ? scenario : Path.GetFullPath(scenario), plugins), "checked the scenario", stop);
    }

    /// <inheritdoc cref="CheckAsync"/>
    /// <param name="output">Folder for the scenario.</param>
    public Task<SubjectReportMessage> BuildAsync(string output, ulong seed, CancellationToken stop) =>
        AskAsync(new BuildSubjectMessage(Path.GetFullPath(output), seed), "built the subject", stop);

    /// <summary>How well judges go with people; what of them, of the file or of the machine cannot be used is refused in the same way.</summary>
    public Task<SubjectReportMessage> CheckJudgesAsync(JudgeCheckOrder order, string device, CancellationToken stop) =>
        AskAsync(new CheckJudgesMessage(order, device), "checked the judges", stop);

    private async Task<SubjectReportMessage> AskAsync(WireMessage order, string what, CancellationToken stop)
    {
        using var scratch = ScratchFolder.Create();
        await using var metrics = new MetricWorkers(workerDll, protection);
        // The host's own code alone, which reads and writes what the caller could: no walls.
        var command = new WorkerCommand { WorkerDll = workerDll, ScratchFolder = scratch.Path, Protection = WorkerProtection.None };
        await using var worker = await WorkerProcess.StartAsync(command, stop, SubjectSession.Argument);
        IReadOnlyList<MetricOrder> plugins = [];
        try
        {
            worker.Pipe.Write(order);
            while (await worker.Pipe.ReadAsync(stop) is { } message)
            {
                switch (message)
                {
                    case LineMessage line:
                        say(line.Text);
                        break;
                    case CheckingMessage checking:
                        plugins = checking.Metrics;
                        break;
                    case ScoreMessage question:
                        worker.Pipe.Write(await metrics.AnswerAsync(plugins, question, stop));
                        break;
                    case RefusalMessage { IsMachines: true } refusal:
                        throw new MachineFaultException(MessageCode.Of(refusal.Text),
                            refusal.Text[(refusal.Text.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
                    case RefusalMessage refusal:
                        throw new WorkerRefusalException(refusal.Text);
                    case SubjectReportMessage report:
                        return report;
                }
            }
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            // Judged by its exit code, as every other end of the pipe.
        }

        var exitCode = await worker.ExitCodeAsync(ExitGrace);
        throw new MachineFaultException(MachineFaultException.HostWorkCode,
            $"The worker that {what} ended with exit code {exitCode}: {worker.Output.Summary()} Run 'titer doctor', then try again.");
    }
}
