using System.Text.Json;
using Titer.Files;
using Titer.Runtime.Configuration;
using Titer.Tournament;

namespace Titer.Runtime.Results;

/// <summary>The files of a run beside its phases: what was asked for, what entered, and what came out.</summary>
internal static class RunRecords
{
    private const long MostLockBytes = 256L << 20;

    /// <summary><c>run.yaml</c>: played again, it is the same tournament. Options that nobody set stand there as comments.</summary>
    public static void Write(RunFolder folder, TournamentFile file, TournamentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(spec);
        var played = spec.Defenses.Concat(spec.Attacks).Where(e => e.Settings.Count > 0)
            .Select(e =>
                $"# {VisibleText.OnOneLine(e.Label)} plays {
                    VisibleText.OnOneLine(string.Join(' ', e.Settings.Select(o => $"{o.Key}={o.Value}")))}\n");
        var protocol = file.ProtocolFacts.Select(fact => $"# {VisibleText.OnOneLine(fact)}\n");
        ReplacedFile.Write(folder.ResolvedTournamentFile, string.Concat(protocol) + TournamentFileWriter.Write(file) + string.Concat(played));
    }

    /// <summary><c>run.lock.json</c> with the hashes of everything that entered.</summary>
    public static void Write(RunFolder folder, TournamentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ReplacedFile.Write(folder.LockFile, TournamentJson.Serialize(spec));
    }

    /// <summary><c>leaderboard.json</c> and <c>crosstable.csv</c>.</summary>
    public static void Write(RunFolder folder, TournamentReport report) => Write(folder.BoardPath, report);

    /// <inheritdoc cref="Write(RunFolder, TournamentReport)"/>
    public static void Write(string folder, TournamentReport report)
    {
        Directory.CreateDirectory(folder);
        ReplacedFile.Write(Path.Combine(folder, RunFolder.LeaderboardName), TournamentJson.Serialize(LeaderboardDocument.From(report)));
        ReplacedFile.Write(Path.Combine(folder, "crosstable.csv"), CrosstableCsv.Write(report));
        ReplacedFile.Write(Path.Combine(folder, "report.md"), ReportPage.Write(report));
    }

    /// <summary>What the folder's own board is of; null where none stands there that can be read.</summary>
    public static TournamentSpec? FindSpec(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        try
        {
            return RunFolder.Has(folder.LockFile) ? ReadSpec(folder) : null;
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>The spec that the folder was played with.</summary>
    /// <exception cref="InvalidDataException">The folder's lock file is missing or damaged.</exception>
    public static TournamentSpec ReadSpec(RunFolder folder)
    {
        try
        {
            var spec = TournamentJson.ParseSpec(System.Text.Encoding.UTF8.GetString(RegularFile.ReadAllBytes(folder.LockFile, MostLockBytes)));
            // A file that parses may still lack what a plan needs.
            return TournamentSpecCheck.Problem(spec) is { } problem ? throw new InvalidDataException(problem) : spec;
        }
        catch (Exception e) when (e is FileNotFoundException or JsonException or ArgumentException or InvalidDataException)
        {
            throw new InvalidDataException(
                $"TITER611 {folder.Path} is not a results folder: its run.lock.json is missing or damaged. Name the folder that 'titer run' "
                    + "printed.", e);
        }
    }
}
