using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Titer.Cli.Terminal;
using Titer.League.Configuration;
using Titer.League.Standing;
using Titer.Runtime.Configuration;
using TableCell = Titer.Cli.Terminal.TableCell;

namespace Titer.Cli.Commands;

/// <summary>How far a league is: who stands, what is played now, what was refused. Reads <c>league.json</c>, and nothing else.</summary>
internal sealed class StatusCommand(IAnsiConsole console) : ICliCommand
{
    public Command Build()
    {
        var folder = new Argument<string>("league") { Description = "The league's folder or file, or its results folder.",
            Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => "." };
        var json = new Option<bool>("--json") { Description = "Print league.json." };
        var command = new Command("status", "Show how far a league is.") { folder, json };
        command.SetAction(parsed =>
        {
            var results = ResultsOf(parsed.GetValue(folder)!);
            var document = LeagueLedger.Find(results) ?? throw new ConfigurationException(
                $"TITER686 No league was served in {results} yet: there is no {LeagueLedger.FileName}. Serve it with 'titer serve'.");
            if (parsed.GetValue(json)) Console.Out.Write(File.ReadAllText(Path.Combine(results, LeagueLedger.FileName)));
            else Show(document);
            return ExitCodes.Success;
        });
        return command;
    }

    private static string ResultsOf(string path) => File.Exists(Path.Combine(path, LeagueLedger.FileName)) ? Path.GetFullPath(path)
        : LeagueFileReader.Read(path).ResultsFolder;

    private void Show(LeagueDocument document)
    {
        console.WriteLine($"{document.Name}: {document.Activity.ToString().ToLowerInvariant()}, {document.Done} of {document.Planned} phases done "
            + $"(process {document.Pid} on {document.Host}, since {Time(document.StartedAt)}).");
        foreach (var running in document.Running) console.WriteLine($"  playing {running.Title}, since {Time(running.Since)}");
        if (document.Entries.Count > 0) new FittedTable("Entries", "plugin", ["generation", "state", "done", "failed", "since", "build", "version"],
            [.. document.Entries.Select(Row)]).WriteTo(console);
        foreach (var refused in document.Refused) console.WriteLine($"Refused since {Time(refused.Since)}: {refused.Name}: {refused.Why}");
    }

    private static (TableCell Name, IReadOnlyList<TableCell> Cells) Row(LeagueEntry entry)
    {
        var progress = entry.Progress;
        string[] cells =
        [
            entry.Generation.ToString(CultureInfo.InvariantCulture), entry.State.ToString().ToLowerInvariant(),
            progress is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{progress.Done}/{progress.Planned}"),
            progress is null ? "-" : progress.Failed.ToString(CultureInfo.InvariantCulture), Time(entry.Since), entry.ContentHash[..8],
            entry.Version.Split('+')[0],
        ];
        return (TableCell.Plain(entry.Id), [.. cells.Select(TableCell.Plain)]);
    }

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
