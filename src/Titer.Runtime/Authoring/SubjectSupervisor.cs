using System.Text.Json;
using Titer.Files;
using Titer.Files.Codes;
using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Runtime.Workers;
using Titer.Scenarios;
using Titer.Scenarios.Apothecary;
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
    /// <param name="accept">Told of those that were found before any code of theirs runs; what it throws ends the check.</param>
    /// <returns>The report, and whether the scenario is usable.</returns>
    /// <exception cref="WorkerRefusalException">The scenario is refused.</exception>
    /// <exception cref="MachineFaultException">The worker ended, or no worker came up.</exception>
    public Task<SubjectReportMessage> CheckAsync(string scenario, IReadOnlyList<PluginSource> plugins,
        Func<IReadOnlyList<MetricOrder>, Task> accept, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        // The worker has a working folder of its own.
        return AskAsync(new CheckScenarioMessage(Scenario.Place(scenario), plugins), "checked the scenario", stop, accept);
    }

    /// <inheritdoc cref="CheckAsync"/>
    /// <param name="output">Folder for the scenario.</param>
    public Task<SubjectReportMessage> BuildAsync(string output, ApothecaryTier tier, ulong seed, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(tier);
        return AskAsync(new BuildSubjectMessage(Path.GetFullPath(output), tier.Name, seed), "built the subject", stop);
    }

    /// <summary>How well judges go with people; what of them, of the file or of the machine cannot be used is refused in the same way.</summary>
    public Task<SubjectReportMessage> CheckJudgesAsync(JudgeCheckOrder order, string device, CancellationToken stop) =>
        AskAsync(new CheckJudgesMessage(order, device), "checked the judges", stop);

    /// <summary>Has a judge model score stored answers.</summary>
    public Task<SubjectReportMessage> ScoreAsync(ScoreAnswersMessage order, CancellationToken stop) => AskAsync(order, "asked the judge", stop);

    private async Task<SubjectReportMessage> AskAsync(WireMessage order, string what, CancellationToken stop,
        Func<IReadOnlyList<MetricOrder>, Task>? accept = null)
    {
        using var scratch = ScratchFolder.Create();
        await using var metrics = new MetricWorkers(workerDll, protection);
        // The host's own code alone, which reads and writes what the caller could: no walls.
        var command = new WorkerCommand { WorkerDll = workerDll, ScratchFolder = scratch.Path, Protection = WorkerProtection.None };
        await using var worker = await WorkerProcess.StartAsync(command, stop);
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
                        // Without somebody to accept them none is asked.
                        if (accept is not null) await accept(plugins = checking.Metrics);
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
