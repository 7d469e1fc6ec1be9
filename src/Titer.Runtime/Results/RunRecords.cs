using System.Text.Json;
using Titer.Files;
using Titer.Runtime.Configuration;
using Titer.Tournament;

namespace Titer.Runtime.Results;

/// <summary>The files of a run beside its phases: what was asked for, what entered, and what came out.</summary>
public static class RunRecords
{
    /// <summary><c>run.yaml</c>: played again, it is the same tournament.</summary>
    public static void Write(RunFolder folder, TournamentFile file)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ReplacedFile.Write(folder.ResolvedTournamentFile, TournamentFileWriter.Write(file));
    }

    /// <summary><c>run.lock.json</c> with the hashes of everything that entered.</summary>
    public static void Write(RunFolder folder, TournamentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ReplacedFile.Write(folder.LockFile, TournamentJson.Serialize(spec));
    }

    /// <summary><c>leaderboard.json</c> and <c>crosstable.csv</c>.</summary>
    public static void Write(RunFolder folder, TournamentReport report) => Write(folder.Path, report);

    /// <inheritdoc cref="Write(RunFolder, TournamentReport)"/>
    public static void Write(string folder, TournamentReport report)
    {
        Directory.CreateDirectory(folder);
        ReplacedFile.Write(Path.Combine(folder, RunFolder.LeaderboardName), TournamentJson.Serialize(LeaderboardDocument.From(report)));
        ReplacedFile.Write(Path.Combine(folder, "crosstable.csv"), CrosstableCsv.Write(report));
        ReplacedFile.Write(Path.Combine(folder, "report.md"), ReportPage.Write(report));
    }

    /// <summary>The spec that the folder was played with.</summary>
    /// <exception cref="InvalidDataException">The folder's lock file is missing or damaged.</exception>
    public static TournamentSpec ReadSpec(RunFolder folder)
    {
        try
        {
            var spec = TournamentJson.ParseSpec(File.ReadAllText(folder.LockFile));
            // A file that parses may still lack what a plan needs.
            _ = TournamentPlan.From(spec);
            return spec;
        }
        catch (Exception e) when (e is FileNotFoundException or JsonException or ArgumentException or NullReferenceException
            or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new InvalidDataException(
                $"TITER611 {folder.Path} is not a results folder: its run.lock.json is missing or damaged. Name the folder that 'titer run' "
                    + $"printed.", e);
        }
    }
}
