using System.CommandLine;
using System.Globalization;
using Titer.Files;
using Titer.Runtime.Results;
using Titer.Runtime.Slurm;
using Titer.Tournament;

namespace Titer.Cli.Commands;

/// <summary>How far a run is, whoever plays it: from its results, its journal and the queue of the cluster.</summary>
internal sealed class StatusCommand : ICliCommand
{
    public Command Build()
    {
        var folder = new Argument<string>("results") { Arity = ArgumentArity.ZeroOrOne, Description = "A run's results folder.",
            DefaultValueFactory = _ => Path.Combine("results", "apothecary") };
        var command = new Command("status", "Show how far a run is: results, who plays it, and its jobs in the queue of a cluster.") { folder };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var stored = StoredRun.Open(parsed.GetValue(folder)!);
            foreach (var line in await LinesAsync(stored, cancellation)) await Console.Out.WriteLineAsync(line);
            return ExitCodes.Success;
        });
        return command;
    }

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
