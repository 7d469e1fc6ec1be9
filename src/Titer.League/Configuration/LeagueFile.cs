using Titer.Runtime.Configuration;

namespace Titer.League.Configuration;

/// <summary>A league's file as it is written: a tournament, and where its plugins are dropped. Null means "not given".</summary>
internal sealed record LeagueFile
{
    /// <summary>Full path.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// What every drop plays. Its defenses are those of the host that play from the beginning, and options of plugins that may be dropped; its
    /// attacks those that play, all that enter by default where it names none.
    /// </summary>
    public TournamentFile Tournament { get; init; } = new();

    /// <summary>Folders that are watched, as the file has them.</summary>
    public IReadOnlyList<string> Watch { get; init; } = ["plugins"];

    /// <summary>As the file has it.</summary>
    public string Results { get; init; } = "results";

    /// <summary>By the id of a defense: higher is played first, 0 where there is none.</summary>
    public IReadOnlyDictionary<string, int> Priorities { get; init; } = new Dictionary<string, int>();

    /// <summary>What authors hand in; null takes nothing in.</summary>
    public SubmissionSettings? Submissions { get; init; }

    /// <summary>Phases played at the same time.</summary>
    public int? Lanes { get; init; }

    /// <summary>The folder that the file lies in: the league.</summary>
    public string Folder => System.IO.Path.GetDirectoryName(Path)!;

    /// <summary>That of submissions among them.</summary>
    public IReadOnlyList<string> WatchedFolders => [.. Watch.Select(InFolder), .. InboxFolder is { } inbox ? [inbox] : Array.Empty<string>()];

    /// <summary>Where submissions are laid; null takes none.</summary>
    public string? InboxFolder => Submissions is { } settings ? InFolder(settings.Folder) : null;

    public string ResultsFolder => InFolder(Results);

    private string InFolder(string path) => System.IO.Path.GetFullPath(path, Folder);
}

/// <summary>How a league takes in what authors hand in.</summary>
internal sealed record SubmissionSettings
{
    /// <summary>As the file has it.</summary>
    public string Folder { get; init; } = "submissions";

    /// <summary>Most builds of one key in one season.</summary>
    public int PerAuthor { get; init; } = 10;

    /// <summary>Of one bundle.</summary>
    public long Megabytes { get; init; } = 64;

    public long Bytes => Megabytes << 20;
}
