using System.CommandLine;
using Spectre.Console;
using Titer.Cli.Terminal;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Play;
using Titer.Runtime.Results;
using Titer.Tournament;

namespace Titer.Cli.Commands;

/// <summary>Plays what is missing of a tournament, judges all of it, and prints the leaderboard.</summary>
internal sealed class RunCommand(IAnsiConsole console, IPhaseExecutor executor) : ICliCommand
{
    public Command Build()
    {
        var options = new TournamentOptions();
        var lanes = new Option<int>("--lanes") { Description = "Phases played at the same time; default one per core.", DefaultValueFactory = _ => Environment.ProcessorCount };
        lanes.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 1024) result.AddError("TITER610 --lanes must be between 1 and 1024.");
        });
        var json = new Option<bool>("--json") { Description = "Print leaderboard.json to stdout, progress to stderr." };
        var command = new Command("run", "Play the embedded tournament, or the one in a file. In a folder with results, only what is missing.") { Aliases = { "resume" } };
        options.AddTo(command);
        command.Options.Add(lanes);
        command.Options.Add(json);
        command.SetAction((parsed, _) => RunAsync(options.Resolve(parsed), options, parsed, parsed.GetValue(lanes), parsed.GetValue(json)));
        return command;
    }

    private async Task<int> RunAsync(ResolvedTournament tournament, TournamentOptions options, ParseResult parsed, int lanes, bool json)
    {
        var (spec, plan) = (tournament.Spec, TournamentPlan.From(tournament.Spec));
        using var folder = RunFolder.Open(options.ResultsFolder(parsed, spec));
        RunRecords.Write(folder, spec);
        var missing = TournamentRunner.Missing(plan, new ResultStore(folder).Load(plan)).ToArray();
        var log = json ? Console.Error : Console.Out;
        await log.WriteLineAsync($"{spec.Name}: {spec.Defenses.Count} defenses, {spec.Attacks.Count} attacks, {spec.Seeds.Count} seeds; {missing.Length} of {plan.Phases.Count} phases to play on {spec.Device}, {lanes} at a time.");

        using var interrupt = new InterruptSignals(log.WriteLine);
        var tally = new RunTally(plan.Phases.Count - missing.Length, plan.Phases.Count, lanes);
        tally.Plan(missing);
        var runner = new TournamentRunner(executor, folder, tournament.Assets, lanes);
        IReadOnlyDictionary<string, PhaseResult> results;
        if (json || !console.Profile.Out.IsTerminal)
        {
            results = await runner.PlayAsync(spec, plan, new PlainProgress(tally, log), interrupt.Drain, interrupt.Abort);
        }
        else
        {
            await using var live = new LiveProgress(tally);
            live.Begin(console);
            results = await runner.PlayAsync(spec, plan, live, interrupt.Drain, interrupt.Abort);
        }

        var report = TournamentReport.From(spec, plan, results);
        RunRecords.Write(folder, report);
        if (json) await Console.Out.WriteLineAsync(await File.ReadAllTextAsync(folder.LeaderboardFile));
        else new ReportView(console).Show(report, folder.Path);
        return interrupt.Drain.IsCancellationRequested ? ExitCodes.Interrupted
            : report.AllDone ? ExitCodes.Success : ExitCodes.SomeCellFailed;
    }
}
