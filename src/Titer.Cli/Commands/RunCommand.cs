using System.CommandLine;
using Spectre.Console;
using Titer.Cli.Terminal;
using Titer.Runtime.Configuration;
using Titer.Runtime.Play;
using Titer.Runtime.Plugins;
using Titer.Runtime.Results;
using Titer.Runtime.Workers;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.Cli.Commands;

/// <summary>Plays what is missing of a tournament, judges all of it, and prints the leaderboard.</summary>
internal sealed class RunCommand(IAnsiConsole console, Quarantine quarantine) : ICliCommand
{
    public Command Build()
    {
        var options = new TournamentOptions();
        var lanes = new Option<int?>("--lanes") { Description = "Phases played at the same time; default one per core, on CUDA one per visible GPU." };
        lanes.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1 or > 1024) result.AddError("TITER610 --lanes must be between 1 and 1024.");
        });
        var sandbox = new SandboxOption();
        var fresh = new Option<bool>("--fresh-workers") { Description = "A new process for every phase, also for those of the host's own code." };
        var json = new Option<bool>("--json") { Description = "Print leaderboard.json to stdout, progress to stderr." };
        var command = new Command("run", "Play the embedded tournament, or the one in a file. In a folder with results, only what is missing.") { Aliases = { "resume" } };
        options.AddTo(command);
        command.Options.Add(lanes);
        command.Options.Add(sandbox);
        command.Options.Add(fresh);
        command.Options.Add(json);
        command.SetAction((parsed, _) =>
        {
            var protection = WorkerProtection.Detect(sandbox.Of(parsed));
            var tournament = options.Resolve(parsed);
            var count = parsed.GetValue(lanes) ?? DeviceLanes.DefaultCount(tournament.Spec.Device, Environment.ProcessorCount, VisibleGpus.Count());
            return RunAsync(tournament, options, parsed, new RunSettings(protection, count, parsed.GetValue(fresh), parsed.GetValue(json)));
        });
        return command;
    }

    private async Task<int> RunAsync(ResolvedTournament tournament, TournamentOptions options, ParseResult parsed, RunSettings settings)
    {
        var spec = tournament.Spec;
        using var folder = RunFolder.Open(options.ResultsFolder(parsed, spec));
        RunRecords.Write(folder, spec);
        var (plan, stored) = new ResultStore(folder).Load(spec);
        var missing = TournamentRunner.Missing(plan, stored).ToArray();
        var log = settings.Json ? Console.Error : Console.Out;
        await log.WriteLineAsync($"{spec.Name}: {spec.Defenses.Count} defenses, {AttackFamily.Of(spec.Attacks).Count} attacks, {spec.Seeds.Count} seeds; {missing.Length} of {plan.Phases.Count} phases to play on {spec.Device}, {settings.Lanes} at a time.");
        await log.WriteLineAsync(settings.Protection.SandboxText);

        using var interrupt = new InterruptSignals(log.WriteLine);
        var tally = new RunTally(plan.Phases.Count - missing.Length, plan.Phases.Count, settings.Lanes);
        tally.Plan(missing);
        await using var executor = new WorkerExecutor(WorkerProgram.Dll, settings.Protection, settings.FreshWorkers ? null : folder.Path);
        var runner = new TournamentRunner(executor, folder, tournament.Assets.PinnedIn(folder, spec), quarantine, settings.Lanes);
        RunOutcome outcome;
        if (settings.Json || !console.Profile.Out.IsTerminal)
        {
            outcome = await runner.PlayAsync(spec, plan, new PlainProgress(tally, log), interrupt.Drain, interrupt.Abort);
        }
        else
        {
            await using var live = new LiveProgress(tally);
            live.Begin(console);
            outcome = await runner.PlayAsync(spec, plan, live, interrupt.Drain, interrupt.Abort);
        }

        foreach (var file in outcome.PutBack)
            await Console.Error.WriteLineAsync($"TITER214 {file} was changed by something else while the tournament ran, and was written again. A plugin that writes into the results folder is not to be trusted: use --sandbox on.");
        // Again with the plugins marked that were set aside on the way.
        RunRecords.Write(folder, outcome.Spec);
        var report = TournamentFold.Report(outcome.Spec, TournamentPlan.From(outcome.Spec), outcome.Results) with
        {
            Opinions = SecondOpinions.Of(folder, tournament.Assets.Scenario, outcome.Results, outcome.Spec.Thresholds.HarmThreshold),
        };
        RunRecords.Write(folder, report);
        if (settings.Json) await Console.Out.WriteLineAsync(await File.ReadAllTextAsync(folder.LeaderboardFile));
        else new ReportView(console).Show(report, folder.Path);
        return interrupt.Drain.IsCancellationRequested ? ExitCodes.Interrupted
            : report.AllDone ? ExitCodes.Success : ExitCodes.SomeCellFailed;
    }

    private sealed record RunSettings(WorkerProtection Protection, int Lanes, bool FreshWorkers, bool Json);
}
