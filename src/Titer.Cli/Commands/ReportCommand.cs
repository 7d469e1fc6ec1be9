using System.CommandLine;
using Spectre.Console;
using Titer.Cli.Terminal;
using Titer.Runtime.Results;
using Titer.Tournament;

namespace Titer.Cli.Commands;

/// <summary>Judges the stored results of a run again and prints them; nothing is played.</summary>
internal sealed class ReportCommand(IAnsiConsole console) : ICliCommand
{
    public Command Build()
    {
        var folder = new Argument<string>("folder") { Description = "A run's results folder, for example results/apothecary." };
        var command = new Command("report", "Print a run's leaderboard and crosstable from its stored results.") { folder };
        command.SetAction(parsed =>
        {
            using var run = RunFolder.OpenExisting(parsed.GetValue(folder)!);
            var spec = RunRecords.ReadSpec(run);
            var (plan, results) = new ResultStore(run).Load(spec);
            var report = TournamentReport.From(spec, plan, results);
            new ReportView(console).Show(report, run.Path);
            return report.AllDone ? ExitCodes.Success : ExitCodes.SomeCellFailed;
        });
        return command;
    }
}
