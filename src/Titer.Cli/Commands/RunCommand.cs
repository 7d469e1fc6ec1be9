using System.CommandLine;
using Spectre.Console;
using Titer.Cli.Printed;
using Titer.Cli.Terminal;
using Titer.Files;
using Titer.Files.Codes;
using Titer.Plugins;
using Titer.Runtime.Authoring;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Runtime.Slurm;
using Titer.Runtime.Tournaments;
using Titer.Runtime.Workers;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.Cli.Commands;

/// <summary>Plays what is missing of a tournament, judges all of it, and prints the leaderboard.</summary>
internal sealed class RunCommand(IAnsiConsole console, Quarantine quarantine) : ICliCommand
{
    private readonly TournamentOptions _options = new();
    private readonly SandboxOption _sandbox = new();
    private readonly Option<bool> _fresh =
        new("--fresh-workers") { Description = "A new process for every phase, also for those of the host's own code." };
    private readonly Option<bool> _apart = new("--measure-apart")
    {
        Description = "Measure the host's own plugins in other processes too, as strangers' are. The same answers.",
    };

    private readonly JsonOption _json = new("leaderboard", "Print leaderboard.json to stdout, progress to stderr");
    private readonly Option<string[]> _retry = new("--retry")
    {
        Description = "Play again what ended as error or timeout, or was set aside: all of it, or that of the named plugins or phases.",
        Arity = ArgumentArity.ZeroOrMore,
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly EngineOptions _engine = new();

    private readonly Option<double?> _weights = new("--weights-megabytes")
    {
        Description = "Most that defended weights may take on the disk while it runs: those that nothing waits for go.",
    };

    private readonly Option<int?> _lanes =
        new("--lanes") { Description = "Phases played at the same time; default one per core, on CUDA one per visible GPU." };

    public Command Build()
    {
        _lanes.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1 or > 1024) result.AddError("TITER610 --lanes must be between 1 and 1024.");
        });
        _weights.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double?>() is < 0 or > 1e12 or double.NaN)
                result.AddError("TITER610 --weights-megabytes must be between 0 and 1e12.");
        });
        var command =
            new Command("run",
                "Play the embedded tournament, or the one in a file. In a folder with results, only what is missing.") { Aliases = { "resume" } };
        _options.AddTo(command);
        foreach (var option in new Option[] { _lanes, _sandbox, _fresh, _apart, _retry, _json, _weights }) command.Options.Add(option);
        _engine.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            try
            {
                return await RunAsync(parsed);
            }
            catch (Exception e) when (e is (IOException or UnauthorizedAccessException) and not ICoded)
            {
                // The input was read by then: what cannot be written or read is the machine's.
                throw new MachineFaultException(MachineFaultException.DiskCode,
                    $"{e.Message} Make room, or mend the permissions, then run again: nothing that was played is lost.", e);
            }
        });
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        var json = parsed.GetValue(_json);
        var log = json ? Console.Error : Console.Out;
        // Before anything is opened: from here on a signal is heard.
        using var interrupt = new InterruptSignals(log.WriteLine);
        var protection = WorkerProtection.Detect(_sandbox.Of(parsed));
        var retry = parsed.GetResult(_retry) is { Implicit: false } ? new PhaseRetry(parsed.GetValue(_retry) ?? []) : null;
        var tournament = _options.Resolve(parsed);
        // What was set aside enters again; everything else is resolved as before.
        if (retry is not null && retry.Readmit(quarantine, tournament.Spec)) tournament = _options.Resolve(parsed);
        TournamentOptions.SayWhatIsLeftOut(tournament);
        var spec = tournament.Spec;
        var slurm = _engine.SlurmOf(parsed, tournament.File);
        if (slurm is not null) interrupt.Says = "Stopping: nobody waits for the jobs any more.";
        // Of a cluster's nodes the jobs prove them; here only metrics are asked for second opinions.
        var walls = await Strangers.WallsAsync(spec, protection, _sandbox.Of(parsed), onlyMetrics: slurm is not null);
        var key = ResultKey.OfRun(TiterHome.FromEnvironment().ResultKeyFile, Console.Error.WriteLine);
        using var folder = RunFolder.Open(_options.ResultsFolder(parsed, spec), key);
        if (slurm is null) await SlurmRun.RefuseBesideJobsAsync(folder, interrupt.Abort);
        if (RunBoard.NameOf(spec, RunRecords.FindSpec(folder), _options.IsPart(parsed)) is { } board)
        {
            folder.UseBoard(board);
            await log.WriteLineAsync($"A wider board stands in {folder.Path} and stays as it is; this one is written to {folder.BoardPath}.");
        }

        RunRecords.Write(folder, tournament.File, spec);
        RunRecords.Write(folder, spec);
        var store = new ResultStore(folder, tournament.Assets.Scenario);
        var (plan, stored) = store.Load(spec);
        foreach (var notice in store.Notices) await Console.Error.WriteLineAsync(notice);
        retry?.Forget(store, plan, stored);

        var missing = PhaseQueue.Missing(plan, stored).ToArray();
        var lanes = parsed.GetValue(_lanes) ?? DeviceLanes.DefaultCount(spec.Device);
        await log.WriteLineAsync(
            $"{spec.Name}: {spec.Defenses.Count} defenses, {AttackFamily.Of(spec.Attacks).Count} attacks, {spec.Seeds.Count} seeds; {
                missing.Length} of {plan.Phases.Count} phases to play on {spec.Device}, {(slurm is null ? $"{lanes} at a time" : "by Slurm")}.");
        await log.WriteLineAsync(protection.SandboxText);
        if (walls is not null) await log.WriteLineAsync(walls);
        var tally = new RunTally(plan.Phases.Count - missing.Length, plan.Phases.Count, lanes);
        tally.Plan(missing);
        await using var executor = new WorkerExecutor(WorkerProgram.Dll, protection, parsed.GetValue(_fresh) ? null : folder.Path);
        var assets = tournament.Assets.PinnedIn(folder, spec);
        if (parsed.GetValue(_apart)) assets = assets with { BundledHashes = new HashSet<string>() };
        var jobs = slurm is null ? null
            : await SlurmRun.OpenAsync(folder, slurm, EngineOptions.Program(slurm, parsed.GetValue(_sandbox)!), assets, interrupt.Abort);
        if (jobs is not null && missing.Length > 0 && await SubmitAsync(jobs, slurm!, spec, missing, log, parsed)) return ExitCodes.Success;
        var runner = jobs is null ? new TournamentRunner(executor, folder, assets, quarantine, lanes) { Quota = QuotaOf(parsed, folder, assets) }
            : new TournamentRunner((played, results) => jobs.Engine(played, results, log.WriteLine), folder, assets, quarantine);
        using var telemetry = Telemetry.Open(TournamentOptions.HostVersion);
        RunOutcome outcome;
        // TERM=dumb: what is drawn again would be written again.
        if (json || jobs is not null || !console.Profile.Out.IsTerminal || !console.Profile.Capabilities.Ansi)
        {
            using var told = new TelemetryRun(new PlainProgress(tally, log), spec);
            outcome = await runner.PlayAsync(spec, plan, told, interrupt.Drain, interrupt.Abort, stored);
        }
        else
        {
            await using var live = new LiveProgress(tally);
            live.Begin(console);
            using var told = new TelemetryRun(live, spec);
            outcome = await runner.PlayAsync(spec, plan, told, interrupt.Drain, interrupt.Abort, stored);
        }

        // Of jobs on a cluster the jobs' own hosts keep them.
        if (jobs is null && assets is { KeptJudge: not null, Verdicts: { } verdicts })
            await log.WriteLineAsync($"The judge was asked about {verdicts.Judged} answers; what it said of all others was kept.");
        folder.DemandOwn();
        await using var metrics = new OpenMetrics(new MetricWorkers(WorkerProgram.Dll, protection), assets.MetricsOf(spec),
            new JudgeMachine(WorkerProgram.Dll, spec.Device, assets.Verdicts).Open);
        var report = Judge(folder, assets, metrics, outcome);
        if (json) await Console.Out.WriteLineAsync(await File.ReadAllTextAsync(folder.LeaderboardFile));
        else new ReportView(console).Show(report, folder.BoardPath);
        await SayWhatIsLeftAsync(outcome, log);
        if (jobs is not null && interrupt.Drain.IsCancellationRequested) await LeaveAsync(jobs, log, parsed);
        return interrupt.Drain.IsCancellationRequested ? ExitCodes.Interrupted
            : outcome.Faults.Count > 0 ? ExitCodes.MachineFault
            : report.AllDone ? ExitCodes.Success : ExitCodes.SomeCellFailed;
    }

    private WeightsQuota? QuotaOf(ParseResult parsed, RunFolder folder, RunAssets assets) => parsed.GetValue(_weights) is not { } megabytes ? null
        : new WeightsQuota(folder, (long)(megabytes * 1e6), RunCleaning.BytesOf(assets.Scenario.SubjectFolder));

    /// <returns>Nobody is to wait for the jobs.</returns>
    private async Task<bool> SubmitAsync(SlurmRun jobs, SlurmSettings settings, TournamentSpec spec, IReadOnlyList<Phase> missing, TextWriter log,
        ParseResult parsed)
    {
        if (settings.AsksForGpu && spec.Device == "cpu")
            await Console.Error.WriteLineAsync("TITER668 The jobs ask for GPUs and the tournament is played on the CPU: 'auto' is what this machine "
                + "has, not what the nodes have. Say device: cuda in the tournament file, or --device cuda.");
        var left = await jobs.SubmitAsync(spec, missing, CancellationToken.None);
        await log.WriteLineAsync($"{jobs.Alive.Count} jobs are in the queue.");
        if (!_engine.IsDetached(parsed)) return false;
        if (left > 0) await log.WriteLineAsync($"There was no room for {left} phases: the next 'titer run' hands them in.");
        await log.WriteLineAsync("'titer status' shows them. 'titer run' with the same file looks after them: what was lost is handed in again, "
            + "what results call for is added, and the leaderboard is written.");
        return true;
    }

    private async Task LeaveAsync(SlurmRun jobs, TextWriter log, ParseResult parsed)
    {
        if (_engine.CancelsJobs(parsed))
        {
            await log.WriteLineAsync($"{await jobs.CancelAsync(CancellationToken.None)} jobs were cancelled.");
            return;
        }

        if (jobs.Alive.Count > 0)
            await log.WriteLineAsync($"{jobs.Alive.Count} jobs stay in the queue; 'titer run' looks after them again. To end them: scancel {
                string.Join(' ', jobs.Alive.Select(j => j.ArrayId).Distinct())}");
    }

    private static TournamentReport Judge(RunFolder folder, RunAssets assets, OpenMetrics metrics, RunOutcome outcome)
    {
        foreach (var file in outcome.PutBack)
            Console.Error.WriteLine(
                $"TITER214 {file} was changed by something else while the tournament ran, and was written again. A plugin that writes into the "
                    + "results folder is not to be trusted: use --sandbox on.");
        // Again with the plugins marked that were set aside on the way.
        RunRecords.Write(folder, outcome.Spec);
        var report = TournamentFold.Report(outcome.Spec, TournamentPlan.From(outcome.Spec), outcome.Results);
        RunRecords.Write(folder, report);
        try
        {
            report = report with { Opinions = SecondOpinions.Of(folder, assets.Scenario, outcome.Results, outcome.Spec.Thresholds.HarmThreshold,
                metrics.Open) };
            RunRecords.Write(folder, report);
        }
        catch (Exception e) when (e is InvalidDataException or MetricFaultException or WorkerStartException or MachineFaultException)
        {
            // A second opinion is worth having; the leaderboard stands without it.
            Console.Error.WriteLine($"{e.Message} The leaderboard is printed without second opinions.");
        }

        return report;
    }

    private static async Task SayWhatIsLeftAsync(RunOutcome outcome, TextWriter log)
    {
        foreach (var (why, phases) in outcome.Faults)
            await Console.Error.WriteLineAsync(
                $"{why} ({phases} {(phases == 1 ? "phase has" : "phases have")} no result for it: nothing was stored, and 'titer run' "
                    + $"plays {(phases == 1 ? "it" : "them")} when this is mended.)");
        var failed = outcome.Results.Values.Count(PhaseRetry.IsRetried);
        if (failed > 0) await log.WriteLineAsync(
            $"{failed} {(failed == 1 ? "phase" : "phases")} ended as error or timeout. 'titer run --retry' "
                + $"plays {(failed == 1 ? "it" : "them")} again; 'titer report FOLDER --traces' shows where plugins threw.");
    }
}
