using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Titer.Cli.Printed;
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
        var json = new JsonOption("status-json", "Print it as JSON, of a league its league.json ('titer schema standing')");
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
            var status = await OfAsync(stored, cancellation);
            if (parsed.GetValue(json)) JsonOutput.Write(status, PrintedJson.Default.StatusDocument);
            else foreach (var line in Lines(status)) await Console.Out.WriteLineAsync(line);
            return ExitCodes.Success;
        });
        return command;
    }

    /// <returns>Null where it is no league's.</returns>
    private static string? ResultsOfLeague(string path) => File.Exists(Path.Combine(path, LeagueLedger.FileName)) ? Path.GetFullPath(path)
        : File.Exists(path) || File.Exists(Path.Combine(path, LeagueFileReader.FileName)) ? LeagueFileReader.Read(path).ResultsFolder
        : null;

    private static async Task<StatusDocument> OfAsync(StoredRun run, CancellationToken cancellation)
    {
        var (plan, results) = run.Load();
        var jobs = await SlurmRun.FindAsync(run.Folder, cancellation);
        return new StatusDocument(run.Spec.Name, plan.Phases.Count, results.Count, results.Values.Count(r => r.Status != PhaseStatus.Done),
            PhaseQueue.Missing(plan, results).Count(), LastOf(RunJournal.Read(run.Folder)),
            jobs is null ? null : [.. jobs.Select(j => new QueuedJob(j.Id, j.State, j.IsRunning ? j.Nodes : j.Reason))]);
    }

    private static LastProcess? LastOf(IReadOnlyList<JournalLine> journal)
    {
        if (journal.Count == 0) return null;
        var (opened, last) = (journal.Last(l => l.Event == JournalEvent.Opened), journal[^1]);
        return new LastProcess(opened.Host, opened.Pid, opened.At, last.At, last.Event == JournalEvent.Closed,
            last.Event.ToString().ToLowerInvariant(), last.Title);
    }

    private static IEnumerable<string> Lines(StatusDocument status)
    {
        yield return $"{status.Name}: {status.Results} of {status.Phases} phases have a result{
            (status.Failed > 0 ? $", {status.Failed} of them no good one" : "")}; {status.Left} are to be played.";
        if (status.LastProcess is { } process)
            yield return string.Create(CultureInfo.InvariantCulture, $"Journal: process {process.Pid} on {VisibleText.OnOneLine(process.Host)} from {
                process.OpenedAt:u}, {(process.IsThrough ? "through" : "last heard of")} at {process.LastAt:u}{
                    (process.IsThrough || process.Phase is null ? "" : $": {process.LastEvent} {VisibleText.OnOneLine(process.Phase)}")}.");
        if (status.Jobs is not { } jobs) yield break;
        yield return jobs.Count == 0 ? "Slurm: no job is in the queue." : $"Slurm: {jobs.Count} jobs are in the queue.";
        foreach (var group in jobs.GroupBy(j => (j.State, j.Where)).OrderByDescending(g => g.Count()))
            yield return $"  {group.Count()} {group.Key.State.ToLowerInvariant()} ({VisibleText.OnOneLine(group.Key.Where)}): {
                string.Join(", ", group.Take(4).Select(j => j.Id))}{(group.Count() > 4 ? ", ..." : "")}";
    }
}
