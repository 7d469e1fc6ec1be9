using Titer.League.Standing;
using Titer.Plugins;
using Titer.Tournament;

namespace Titer.League.Submissions;

/// <summary>Who may hand in what. Pure.</summary>
internal static class SubmissionRules
{
    /// <param name="perAuthor">Most builds and settings of one key in one season.</param>
    /// <returns>Null where nothing speaks against it.</returns>
    public static PluginProblem? Refusal(IReadOnlyList<LeagueEntry> entries, PluginManifest plugin, EntrantSubmission mark, int perAuthor)
    {
        var own = entries.Where(e => e.Id == plugin.Id).ToArray();
        if (own.FirstOrDefault(e => e.Submission?.Key != mark.Key) is { } other)
            return new("TITER706",
                $"The id '{plugin.Id}' is {(other.Submission is null ? $"that of the plugin in '{other.Place}'" : "another author's")}.",
                "Give the plugin another id in its TiterPlugin attribute, or sign with the key that its first build was signed with.");
        if (own.FirstOrDefault(e => e.ContentHash == plugin.ContentHash) is { } same)
            return IsSame(same.Submission!.Options, mark.Options) ? null : new("TITER707",
                $"This build of '{plugin.Id}' was handed in already, with other options.",
                "A row is a build with its options: raise the plugin's version and pack it again.");
        var variants = Variants(entries, mark);
        return variants < perAuthor
            ? null
            : new("TITER730", $"The author of '{plugin.Id}' ({mark.Author ?? mark.Key}) has handed in {variants} builds in this "
            + "season, and that is the share of one.", "Wait for the next season: what was handed in is superseded, never taken back.");
    }

    /// <summary>Builds that a key has handed in to a season, superseded and removed ones too.</summary>
    public static int Variants(IReadOnlyList<LeagueEntry> entries, EntrantSubmission mark) =>
        entries.Count(e => e.Submission is { } s && s.Key == mark.Key && s.Season == mark.Season);

    /// <summary>The entries with the number of variants that each author has by now.</summary>
    public static IReadOnlyList<LeagueEntry> Counted(IReadOnlyList<LeagueEntry> entries) =>
        [.. entries.Select(e => e.Submission is { } s ? e with { Submission = s with { Variants = Variants(entries, s) } } : e)];

    private static bool IsSame(IReadOnlyDictionary<string, string>? one, IReadOnlyDictionary<string, string>? other) =>
        Texts(one).SequenceEqual(Texts(other));

    private static IEnumerable<string> Texts(IReadOnlyDictionary<string, string>? options) =>
        (options ?? new Dictionary<string, string>()).Select(o => $"{o.Key}={o.Value}").Order(StringComparer.Ordinal);
}
