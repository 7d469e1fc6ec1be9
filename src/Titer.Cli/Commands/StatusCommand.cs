using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Titer.Cli.Terminal;
using Titer.Files;
using Titer.League.Configuration;
using Titer.League.Standing;
using Titer.Runtime.Configuration;
using Titer.Runtime.Results;
using Titer.Runtime.Slurm;
using Titer.Tournament;

namespace Titer.Cli.Commands;

/// <summary>
/// How far a league or a run is, whoever plays it. Of a league <c>league.json</c> says it; of a run its results, its journal and the queue of the
/// cluster.
/// </summary>
internal sealed class StatusCommand(IAnsiConsole console) : ICliCommand
{
    public Command Build()
    {
        var folder = new Argument<string>("folder") { Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = _ => ResultsOfLeague(".") is null ? Path.Combine("results", "apothecary") : ".",
            Description = "A run's results folder, or a league's folder, file or results." };
        var json = new Option<bool>("--json") { Description = "Print a league's league.json." };
        var command =
            new Command("status", "Show how far a run or a league is, who plays it, and its jobs in the queue of a cluster.") { folder, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var path = parsed.GetValue(folder)!;
            if (ResultsOfLeague(path) is { } results)
            {
                var document = LeagueLedger.Find(results) ?? throw new ConfigurationException(
                    $"TITER686 No league was served in {results} yet: there is no {LeagueLedger.FileName}. Serve it with 'titer serve'.");
                if (parsed.GetValue(json))
                    await Console.Out.WriteAsync(await File.ReadAllTextAsync(Path.Combine(results, LeagueLedger.FileName), cancellation));
                else new LeagueView(console).Show(document);
                return ExitCodes.Success;
            }

            using var stored = StoredRun.Open(path);
            foreach (var line in await LinesAsync(stored, cancellation)) await Console.Out.WriteLineAsync(line);
            return ExitCodes.Success;
        });
        return command;
    }

    /// <returns>Null where it is no league's.</returns>
    private static string? ResultsOfLeague(string path) => File.Exists(Path.Combine(path, LeagueLedger.FileName)) ? Path.GetFullPath(path)
        : File.Exists(path) || File.Exists(Path.Combine(path, LeagueFileReader.FileName)) ? LeagueFileReader.Read(path).ResultsFolder
        : null;

    private static async Task<IReadOnlyList<string>> LinesAsync(StoredRun run, CancellationToken cancellation)
    {
        var (plan, results) = run.Load();
        var failed = results.Values.Count(r => r.Status != PhaseStatus.Done);
        var lines = new List<string>
        {
            $"{run.Spec.Name}: {results.Count} of {plan.Phases.Count} phases have a result{(failed > 0 ? $", {failed} of them no good one" : "")}; {
                PhaseQueue.Missing(plan, results).Count()} are to be played.",
        };
        if (RunJournal.Read(run.Folder) is { Count: > 0 } journal)
        {
            var opened = journal.Last(l => l.Event == JournalEvent.Opened);
            var last = journal[^1];
            var isClosed = last.Event == JournalEvent.Closed;
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"Journal: process {opened.Pid} on {VisibleText.OnOneLine(opened.Host)} from {
                opened.At:u}, {(isClosed ? "through" : "last heard of")} at {last.At:u}{
                    (isClosed || last.Title is null ? "" : $": {last.Event.ToString().ToLowerInvariant()} {VisibleText.OnOneLine(last.Title)}")}."));
        }

        if (await SlurmRun.FindAsync(run.Folder, cancellation) is not { } jobs) return lines;
        lines.Add(jobs.Count == 0 ? "Slurm: no job is in the queue." : $"Slurm: {jobs.Count} jobs are in the queue.");
        lines.AddRange(jobs.GroupBy(j => (j.State, j.IsRunning ? j.Nodes : j.Reason)).OrderByDescending(g => g.Count())
            .Select(g => $"  {g.Count()} {g.Key.State.ToLowerInvariant()} ({VisibleText.OnOneLine(g.Key.Item2)}): {
                string.Join(", ", g.Take(4).Select(j => j.Id))}{(g.Count() > 4 ? ", ..." : "")}"));
        return lines;
    }
}
