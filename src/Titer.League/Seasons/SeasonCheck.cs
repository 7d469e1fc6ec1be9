using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Titer.Files;
using Titer.League.Configuration;
using Titer.League.Play;
using Titer.League.Standing;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Results;
using Titer.Runtime.Seasons;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.League.Seasons;

/// <summary>Something that is not as a season has it.</summary>
/// <param name="Text">Code, fact and fix.</param>
internal sealed record SeasonFinding(string Code, string Text);

/// <summary>
/// Computes again, from the league's files and its results, what a season says: its own hash, each input, the results and the board that they come
/// to. Reads only; a league that is being played is looked at as it is.
/// </summary>
internal static class SeasonCheck
{
    private const long MostBytes = 512L << 20;
    private static readonly string[] OfTheBoard = ["season", "leaderboard", "earlier", "crosstable", "comparisons"];

    /// <summary>Parts of what is frozen, each with the code of a difference there and what helps.</summary>
    private static readonly (string Path, string Code, string What, string Fix)[] Parts =
    [
        ("play.host_version", "TITER716", "The host is another", "Install the version that the season was opened with, or open the next season."),
        ("play.device", "TITER716", "The device is another", "Name the season's with --device, or open the next season."),
        ("play.attacks", "TITER718", "The attacks are others", "Put the league's file and its plugins back as they were, or open the next season."),
        ("play.scenario", "TITER717", "The scenario is another", "Put its files back as they were, or open the next season."),
        ("play.metrics", "TITER717", "The metrics are others", "Put the league's file back as it was, or open the next season."),
        ("subject_sha256", "TITER717", "The subject is another", "Put its files back as they were, or open the next season."),
        ("data", "TITER717", "The data are others", "Put its files back as they were, or open the next season."),
        ("judge", "TITER717", "The judge is another", "Put the scenario's file back as it was, or open the next season."),
        ("canaries", "TITER723", "The canaries are others", "Install the version that the season was opened with, or open the next season."),
        ("", "TITER719", "Budgets, seeds, thresholds or rules are others", "Put the league's file back as it was, or open the next season."),
    ];

    /// <summary>What of the inputs differs from what the season froze.</summary>
    /// <param name="now">What the league's files come to.</param>
    public static IReadOnlyList<SeasonFinding> Inputs(SeasonDocument season, ResolvedTournament now, string league)
    {
        var frozen = season.Frozen;
        var inputs = SeasonInputs.Of(frozen.Season, league, frozen.OpenedAt, now.Spec, now.Assets.Scenario, SeasonCanaries.Ids, season.Seal) with
        {
            Promised = frozen.Promised, DrawnSeeds = frozen.DrawnSeeds,
        };
        var (before, after) = (CanonicalJson.Flat(frozen.Json()), CanonicalJson.Flat(inputs.Json()));
        return
        [
            .. SeasonMarks.Changes(before, after)
                .GroupBy(path => Array.FindIndex(Parts, part => path.StartsWith(part.Path, StringComparison.Ordinal)))
                .OrderBy(g => g.Key).Select(g => new SeasonFinding(Parts[g.Key].Code, $"{Parts[g.Key].Code} {Parts[g.Key].What} than in season {
                    frozen.Season}: {SeasonMarks.Some([.. g])}. {Parts[g.Key].Fix}")),
        ];
    }

    /// <summary>A host that would play something else than the season that is open plays nothing.</summary>
    /// <exception cref="FileRefusalException">The inputs differ.</exception>
    public static void DemandInputs(SeasonDocument season, ResolvedTournament now, string league)
    {
        if (Inputs(season, now, league) is not { Count: > 0 } findings) return;
        throw new FileRefusalException(
            $"TITER713 The league is not what season {season.Frozen.Season} froze, and what it would play now counts in no "
            + $"season: {string.Join(' ', findings.Select(f => f.Text))} Or close the season with 'titer season close'.");
    }

    /// <summary>Everything that can be computed again.</summary>
    public static IReadOnlyList<SeasonFinding> Verify(LeagueFile file, LeagueHost host, SeasonDocument season)
    {
        var findings = new List<SeasonFinding>();
        if (season.Frozen.Sha256 != season.Sha256)
            findings.Add(
                new("TITER714", $"TITER714 {SeasonFile.FileName} is not what its hash was taken over: it says {season.Sha256}, and what season "
                + $"{season.Frozen.Season} froze comes to {season.Frozen.Sha256}. Put a copy of it back."));
        using var folder = RunFolder.OpenToRead(file.ResultsFolder, host.Key);
        try
        {
            var field = new LeagueField(file, host, folder, new PluginGate(host.Policy), SeasonCanaries.Ids);
            findings.AddRange(Inputs(season, field.Resolve(LeagueLedger.Find(folder.Path)?.Entries ?? []), LeagueSeasons.NameOf(file)));
        }
        catch (ConfigurationException e)
        {
            findings.Add(new("TITER717", $"TITER717 The league cannot be played as season {season.Frozen.Season} froze it: {e.Message}"));
        }

        findings.AddRange(Promises(season));
        findings.AddRange(Board(folder, season));
        return findings;
    }

    /// <summary>Whether what was revealed is what was promised, and the seeds are those that it draws.</summary>
    private static IEnumerable<SeasonFinding> Promises(SeasonDocument season)
    {
        var frozen = season.Frozen;
        if (season.IsOpen && season.Revealed is null) yield break;
        var revealed = season.Revealed ?? [];
        if (!revealed.Select(r => r.Commit(frozen.Season)).SequenceEqual(frozen.Promised))
            yield return new("TITER738", $"TITER738 What season {frozen.Season} revealed is not what its operator promised when it opened.");
        if (season.Seal is { } seal && !SeasonSeal.Draw(revealed, seal.Entries, frozen.DrawnSeeds, frozen.Play.Seeds).SequenceEqual(seal.Seeds))
            yield return new("TITER738", $"TITER738 The seeds of season {frozen.Season} are not those that its secrets and entries draw.");
    }

    /// <summary>Why nothing new enters a season whose seeds are drawn.</summary>
    public static PluginProblem Sealed(SeasonDocument season, string id) => new("TITER709",
        $"Season {season.Frozen.Season} takes nothing in since {season.Seal!.At:u}, and '{id}' is new.",
        "Leave it there: it enters when the league is served after 'titer season close'.");

    /// <summary>Why an id cannot be taken while a season is open: a row of that id could not play beside what the season has promised.</summary>
    public static PluginProblem Reserved(SeasonDocument season, string id) => new("TITER740",
        $"The id '{id}' is not free in season {season.Frozen.Season}.", "Give the plugin another id in its TiterPlugin attribute.");

    private static IEnumerable<SeasonFinding> Board(RunFolder folder, SeasonDocument season)
    {
        var kept = SeasonFile.FolderOf(folder.Path, season.Frozen.Season);
        var board = season.IsOpen ? folder.LeaderboardFile : Path.Combine(kept, RunFolder.LeaderboardName);
        if (season.IsOpen && !RunFolder.Has(board)) yield break;
        if (Read(board) is not { } bytes || (season.End is { } end && Convert.ToHexStringLower(SHA256.HashData(bytes)) != end.BoardSha256))
        {
            yield return new("TITER721",
                $"TITER721 {board} is not the board that season {season.Frozen.Season} was closed with. Put a copy of it back.");
            yield break;
        }

        TournamentSpec spec;
        JsonNode? written;
        string? unreadable = null;
        try
        {
            spec = season.IsOpen ? RunRecords.ReadSpec(folder)
                : TournamentJson.ParseSpec(Encoding.UTF8.GetString(Read(Path.Combine(kept, "run.lock.json")) ?? []));
            written = JsonNode.Parse(bytes);
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            (spec, written, unreadable) = (null!, null, e.Message);
        }

        if (unreadable is not null)
        {
            yield return new("TITER721", $"TITER721 The board of season {season.Frozen.Season} cannot be read: {unreadable}");
            yield break;
        }

        var store = new ResultStore(folder);
        var (plan, results) = store.Load(spec);
        foreach (var notice in store.Notices.Concat(store.Unsealed is { } unsealed ? [unsealed] : Array.Empty<string>()))
            yield return new("TITER720", $"TITER720 A result of season {season.Frozen.Season} does not hold: {notice}");
        var marked = SeasonMarks.Mark(TournamentFold.Report(spec, plan, results), folder.Path);
        if (marked.Rows.Select(r => r.Stale).FirstOrDefault(s => s is not null) is { } stale) yield return new(SeasonMarks.StaleCode, stale);
        var computed = JsonNode.Parse(TournamentJson.Serialize(LeaderboardDocument.From(marked)));
        var changed = SeasonMarks.Changes(Flat(computed), Flat(written));
        if (changed.Count > 0)
            yield return new("TITER721", $"TITER721 {board} is not what its results come to: {SeasonMarks.Some(changed)}. Serve the league once, or "
                + "put a copy of it back.");
        if (marked.Season?.Invalid is { } invalid) yield return new(CanaryJudge.Code, invalid);
    }

    private static IReadOnlyDictionary<string, string> Flat(JsonNode? board) => CanonicalJson.Flat(new JsonObject(OfTheBoard
        .Where(name => board?[name] is not null).Select(name => KeyValuePair.Create(name, (JsonNode?)board![name]!.DeepClone()))));

    private static byte[]? Read(string file)
    {
        try
        {
            return RegularFile.ReadAllBytes(file, MostBytes);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
