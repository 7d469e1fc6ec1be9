using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;
using Titer.Cli.Terminal;
using Titer.Runtime.Configuration;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.Cli.Commands;

/// <summary>Judges the stored results of a run again and prints them, or those of several runs side by side; nothing is played.</summary>
internal sealed class ReportCommand(IAnsiConsole console) : ICliCommand
{
    public Command Build()
    {
        var folders = new Argument<string[]>("folders") { Arity = ArgumentArity.OneOrMore,
            Description = "Results folders, for example results/apothecary. Several are put side by side." };
        var page = new Option<bool>("--page") { Description = "Print the page that explains every verdict (report.md) instead of the tables." };
        var otherScenario = new Option<bool>("--other-scenario") { Description = "Put runs side by side although their scenarios differ." };
        var traces = new Option<bool>("--traces") { Description = "Print where plugins threw: the stacks of failed phases." };
        var json = new Option<bool>("--json") { Description =
            "Print what leaderboard.json holds ('titer schema leaderboard'), without second opinions; of several runs, one a line." };
        var command = new Command("report", "Print a run's leaderboard and crosstable from its stored results, or compare runs.") { folders, page,
            traces, otherScenario, json };
        command.SetAction(parsed =>
        {
            var reports = parsed.GetValue(folders)!.Select(Read).ToArray();
            if (reports.Length > 1)
            {
                if (reports.DistinctBy(r => r.Report.Spec.ScenarioHash).Count() > 1 && !parsed.GetValue(otherScenario))
                    throw new ConfigurationException(
                        "TITER616 The runs were played on different scenarios "
                            + $"({string.Join(", ", reports.Select(r =>
                                $"{r.Folder}: {r.Report.Spec.Scenario} {
                                    r.Report.Spec.ScenarioHash[..12]}"))}): their numbers are not comparable. Ask for it with --other-scenario.");
                if (parsed.GetValue(json))
                {
                    foreach (var one in reports) Console.Out.WriteLine(JsonNode.Parse(Document(one.Report))!.ToJsonString());
                    return ExitCodes.Success;
                }

                new ComparisonView(console).Show([.. reports.Select(r => (r.Folder, r.Report))]);
                return ExitCodes.Success;
            }

            var (folder, report, results) = reports[0];
            if (parsed.GetValue(traces))
            {
                foreach (var line in TraceLines.Of(results)) console.Profile.Out.Writer.WriteLine(line);
                return ExitCodes.Success;
            }

            if (parsed.GetValue(json)) Console.Out.Write(Document(report));
            else if (parsed.GetValue(page)) console.Profile.Out.Writer.Write(ReportPage.Write(report));
            else new ReportView(console).Show(report, folder);
            return report.AllDone ? ExitCodes.Success : ExitCodes.SomeCellFailed;
        });
        return command;
    }

    private static string Document(TournamentReport report) => TournamentJson.Serialize(LeaderboardDocument.From(report));

    private static (string Folder, TournamentReport Report, IReadOnlyDictionary<string, PhaseResult> Results) Read(string path)
    {
        using var run = StoredRun.Open(path);
        var (plan, results) = run.Load();
        return (run.Folder.BoardPath, run.Warned(TournamentFold.Report(run.Spec, plan, results)), results);
    }
}
