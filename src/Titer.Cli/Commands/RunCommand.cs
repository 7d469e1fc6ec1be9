using System.CommandLine;
using Spectre.Console;
using Titer.Cli.Terminal;
using Titer.Files.Codes;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
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

    private readonly Option<bool> _json = new("--json") { Description = "Print leaderboard.json to stdout, progress to stderr." };
    private readonly Option<string[]> _retry = new("--retry")
    {
        Description = "Play again what ended as error or timeout, or was set aside: all of it, or that of the named plugins or phases.",
        Arity = ArgumentArity.ZeroOrMore,
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<int?> _lanes =
        new("--lanes") { Description = "Phases played at the same time; default one per core, on CUDA one per visible GPU." };

    public Command Build()
    {
        _lanes.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1 or > 1024) result.AddError("TITER610 --lanes must be between 1 and 1024.");
        });
        var command =
            new Command("run",
                "Play the embedded tournament, or the one in a file. In a folder with results, only what is missing.") { Aliases = { "resume" } };
        _options.AddTo(command);
        foreach (var option in new Option[] { _lanes, _sandbox, _fresh, _apart, _retry, _json }) command.Options.Add(option);
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
        var walls = await WallsAsync(spec, protection, _sandbox.Of(parsed));
        var key = ResultKey.OfRun(TiterHome.FromEnvironment().ResultKeyFile, Console.Error.WriteLine);
        using var folder = RunFolder.Open(_options.ResultsFolder(parsed, spec), key);
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
        var lanes = parsed.GetValue(_lanes) ?? DeviceLanes.DefaultCount(spec.Device, Environment.ProcessorCount, VisibleGpus.Count());
        await log.WriteLineAsync(
            $"{spec.Name}: {spec.Defenses.Count} defenses, {AttackFamily.Of(spec.Attacks).Count} attacks, {spec.Seeds.Count} seeds; {
                missing.Length} of {plan.Phases.Count} phases to play on {spec.Device}, {lanes} at a time.");
        await log.WriteLineAsync(protection.SandboxText);
        if (walls is not null) await log.WriteLineAsync(walls);
        var tally = new RunTally(plan.Phases.Count - missing.Length, plan.Phases.Count, lanes);
        tally.Plan(missing);
        await using var executor = new WorkerExecutor(WorkerProgram.Dll, protection, parsed.GetValue(_fresh) ? null : folder.Path);
        var assets = tournament.Assets.PinnedIn(folder, spec);
        if (parsed.GetValue(_apart)) assets = assets with { BundledHashes = new HashSet<string>() };
        var runner = new TournamentRunner(executor, folder, assets, quarantine, lanes);
        RunOutcome outcome;
        // TERM=dumb: what is drawn again would be written again.
        if (json || !console.Profile.Out.IsTerminal || !console.Profile.Capabilities.Ansi)
        {
            outcome = await runner.PlayAsync(spec, plan, new PlainProgress(tally, log), interrupt.Drain, interrupt.Abort, stored);
        }
        else
        {
            await using var live = new LiveProgress(tally);
            live.Begin(console);
            outcome = await runner.PlayAsync(spec, plan, live, interrupt.Drain, interrupt.Abort, stored);
        }

        await using var metrics = new OpenMetrics(new MetricWorkers(WorkerProgram.Dll, protection), assets.MetricsOf(spec));
        var report = Judge(folder, assets, metrics, outcome);
        if (json) await Console.Out.WriteLineAsync(await File.ReadAllTextAsync(folder.LeaderboardFile));
        else new ReportView(console).Show(report, folder.BoardPath);
        await SayWhatIsLeftAsync(outcome, log);
        return interrupt.Drain.IsCancellationRequested ? ExitCodes.Interrupted
            : outcome.Faults.Count > 0 ? ExitCodes.MachineFault
            : report.AllDone ? ExitCodes.Success : ExitCodes.SomeCellFailed;
    }

    /// <summary>Strangers play behind walls that were tried a moment ago, or where the operator said that they may do without.</summary>
    internal static async Task<string?> WallsAsync(TournamentSpec spec, WorkerProtection protection, SandboxMode mode)
    {
        string[] strangers =
        [
            .. spec.Defenses.Concat(spec.Attacks).Where(e => e is { IsForeign: true, Refusal: null }).Select(e => e.Id)
                .Concat(spec.Metrics.Where(m => m.IsPlugin).Select(m => m.Id)).Distinct(),
        ];
        if (strangers.Length == 0 || mode == SandboxMode.Off) return null;
        if (protection.IsSandboxed) return await WallCheck.ProveAsync(WorkerProgram.Dll, protection, spec.Device != "cpu", CancellationToken.None);
        throw new WorkerProtectionException("TITER624 "
            + $"{string.Join(", ", strangers.Take(3))}{(strangers.Length > 3 ? $" and {strangers.Length - 3} more" : "")} did not come with "
                + $"titer, and there is no sandbox to play them in. {protection.SandboxText} "
            + "Install bubblewrap (apt-get install bubblewrap) and allow user namespaces, or say --sandbox off: then they can do what you can.");
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
        catch (Exception e) when (e is InvalidDataException or MetricFaultException or WorkerStartException)
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
