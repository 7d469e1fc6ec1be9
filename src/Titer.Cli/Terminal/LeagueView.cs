using System.Globalization;
using Spectre.Console;
using Titer.League.Standing;

namespace Titer.Cli.Terminal;

/// <summary>How far a league is: who stands, what is played now, what was refused.</summary>
internal sealed class LeagueView(IAnsiConsole console)
{
    public void Show(LeagueDocument document)
    {
        console.WriteLine($"{document.Name}: {document.Activity.ToString().ToLowerInvariant()}, {document.Done} of {document.Planned} phases done "
            + $"(process {document.Pid} on {document.Host}, since {Time(document.StartedAt)}).");
        foreach (var running in document.Running) console.WriteLine($"  playing {running.Title}, since {Time(running.Since)}");
        if (document.Next.Count > 0) console.WriteLine($"  next {string.Join("; ", document.Next)}");
        if (document.Settled.Count > 0)
            console.WriteLine($"  settled, played when nobody else waits: {string.Join(", ", document.Settled)}");
        if (document.Entries.Count > 0)
            new FittedTable("Entries", "plugin", ["generation", "state", "done", "failed", "since", "build", "version", "author"],
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
            entry.Submission is { } s ? string.Create(CultureInfo.InvariantCulture, $"{s.Author ?? s.Key[^8..]} ({s.Variants})") : "-",
        ];
        return (TableCell.Plain(entry.Id), [.. cells.Select(TableCell.Plain)]);
    }

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
