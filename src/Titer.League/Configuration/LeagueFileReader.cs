using Titer.Runtime.Configuration;
using Titer.Runtime.Configuration.Protocols;
using Titer.Scenarios.Yaml;

namespace Titer.League.Configuration;

/// <summary>Reads a league's file strictly: every key of a tournament file but <c>plugins</c> and <c>aa</c>, and the league's own.</summary>
internal static class LeagueFileReader
{
    public const string FileName = "league.yaml";

    /// <summary>Keys of a tournament that mean nothing in a league: its plugins are dropped, and a drop is one row.</summary>
    internal static readonly IReadOnlyList<string> NotInALeague = ["plugins", "aa"];

    /// <param name="path">The file, or the folder that it lies in.</param>
    /// <exception cref="YamlProblemException">It is missing, not YAML, or no league.</exception>
    public static LeagueFile Read(string path)
    {
        var file = Path.GetFullPath(Directory.Exists(path) ? Path.Combine(path, FileName) : path);
        return File.Exists(file) ? Applied(Parse(file, File.ReadAllText(file))) : throw new YamlProblemException(
            new YamlProblem(file, 0, 0, "TITER680 There is no such league file. Name a league.yaml, or the folder that it lies in."));
    }

    public static LeagueFile Parse(string file, string text) => Of(StrictYaml.Parse(file, text), file);

    /// <summary>What a league's file may hold, learnt from this reader.</summary>
    public static YamlShape Shape() => StrictYaml.ShapeOf(value => Of(value, FileName));

    private static LeagueFile Of(StrictYaml node, string file) => node.Fold<LeagueFile>(
        new LeagueFile { Path = file, Tournament = new TournamentFile { Path = file } },
        [
            .. TournamentFileReader.Keys.Where(k => !NotInALeague.Contains(k.Key)).Select(k => (k.Key,
                (Func<LeagueFile, StrictYaml, LeagueFile>)((league, value) => league with { Tournament = k.Read(league.Tournament, value) }))),
            ("watch", (league, value) => league with { Watch = Folders(value) }),
            ("results", (league, value) => league with { Results = value.Text() }),
            ("priorities", (league, value) => league with
            {
                Priorities = value.Map().ToDictionary(p => p.Key, p => (int)p.Value.Whole(-1000, 1000), StringComparer.Ordinal),
            }),
            ("submissions", (league, value) => league with { Submissions = Submissions(value) }),
            ("lanes", (league, value) => league with { Lanes = (int)value.Whole(1, 1024) }),
        ]);

    /// <summary>With its protocol filled in.</summary>
    private static LeagueFile Applied(LeagueFile file) => file with { Tournament = ProtocolTable.Applied(file.Tournament) };

    private static SubmissionSettings Submissions(StrictYaml value) => value.Fold<SubmissionSettings>(
        new SubmissionSettings(),
        ("folder", (settings, folder) => settings with { Folder = folder.Text() }),
        ("per_author", (settings, most) => settings with { PerAuthor = (int)most.Whole(1, 100_000) }),
        ("megabytes", (settings, most) => settings with { Megabytes = most.Whole(1, 4096) }));

    private static string[] Folders(StrictYaml value) => value.List() is { Count: > 0 } folders ? [.. folders.Select(f => f.Text())]
        : throw value.Problem("TITER680 'watch' is empty: nothing could be dropped. Name a folder, or leave the key out for 'plugins'.");
}
