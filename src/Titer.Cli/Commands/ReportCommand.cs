using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;
using Titer.Cli.Printed;
using Titer.Cli.Terminal;
using Titer.Files;
using Titer.Runtime.Configuration;
using Titer.Runtime.Seasons;
using Titer.Tournament;
using Titer.Tournament.Scoring;
using Titer.View.Exports;

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
        var html = new Option<string?>("--html") { Description = "Write the page of 'titer view' as this one file, with the results in it." };
        var site = new Option<string?>("--site") { Description =
            "Write it as a folder for any web host, with CSV tables, SVG figures, badges, and the formats that other boards read." };
        var json = new JsonOption("leaderboard",
            "Print what leaderboard.json holds, without second opinions; of several runs, one a line; with --traces those ('report-traces-json')");
        var command = new Command("report", "Print a run's leaderboard and crosstable from its stored results, or compare runs.") { folders, page,
            traces, otherScenario, html, site, json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(html) is not null || parsed.GetValue(site) is not null)
            {
                var code = TakeAway(parsed.GetValue(folders)!, parsed.GetValue(html), parsed.GetValue(site), parsed.GetValue(json));
                if (!parsed.GetValue(json)) return code;
            }

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
            if (parsed.GetValue(traces) && parsed.GetValue(json))
            {
                JsonOutput.Write(
                    [.. TraceLines.Failed(results).Select(r => new TraceDocument(r.PhaseId, r.Kind.ToString().ToLowerInvariant(), r.Defense,
                    r.Attack, r.Seed, r.Code, r.Reason, r.Trace!))], PrintedJson.Default.IReadOnlyListTraceDocument);
                return ExitCodes.Success;
            }

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

    /// <summary>The page without the program that serves it.</summary>
    private int TakeAway(string[] folders, string? html, string? site, bool isQuiet)
    {
        void Say(string line)
        {
            // stdout is the document's.
            if (isQuiet) Console.Error.WriteLine(line);
            else console.WriteLine(line);
        }

        var runs = folders.Select(f => KeptRun.Read(f, StoredRun.Key())).ToArray();
        foreach (var notice in runs.SelectMany(r => r.Notices)) Console.Error.WriteLine(notice);
        if (html is not null)
        {
            ReplacedFile.Write(Path.GetFullPath(html), SinglePage.Html(runs));
            Say($"{html}: one file, opens from any disk, loads nothing.");
        }

        if (site is not null)
        {
            SiteFolder.Write(Path.GetFullPath(site), runs, TimeProvider.System.GetUtcNow());
            Say($"{site}: a folder for any web host, with tables/, figures/, badges/, every_eval_ever/ and eval_results/.");
        }

        return runs.All(r => r.Report.AllDone) ? ExitCodes.Success : ExitCodes.SomeCellFailed;
    }

    private static (string Folder, TournamentReport Report, IReadOnlyDictionary<string, PhaseResult> Results) Read(string path)
    {
        using var run = StoredRun.Open(path);
        var (plan, results) = run.Load();
        return (run.Folder.BoardPath, run.Warned(SeasonMarks.Mark(TournamentFold.Report(run.Spec, plan, results), run.Folder.Path)),
            results);
    }
}
