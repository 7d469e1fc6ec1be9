using Titer.Runtime.Configuration;
using Titer.Scenarios.Yaml;

namespace Titer.League.Configuration;

/// <summary>What the keys of a league's file mean; which ones there are is learnt from <see cref="LeagueFileReader"/>.</summary>
internal static class LeagueKeys
{
    /// <summary>The league's own, and those that mean something else here than in a tournament.</summary>
    private static readonly Dictionary<string, string> Own = new()
    {
        ["name"] = "Name of the league, for its boards.",
        ["defenses"] =
            "Defenses of the host that play from the beginning, and options of plugins that may be dropped. Left out: none of the host's.",
        ["attacks"] =
            "Attacks that play, those that may be dropped among them. Left out: those of the host that enter by default, and each that is dropped.",
        ["watch"] = "Folders that plugins and packages are dropped into, relative to this file. Left out: plugins.",
        ["results"] = "Folder of the board and of everything that it is made from, relative to this file. Left out: results.",
        ["priorities"] = "Defenses by id that are played before the others (above 0) or behind them (below). Left out: all are equal.",
        ["submissions"] = "What authors hand in with 'titer submit', signed. Left out: nothing is taken in.",
        ["submissions.folder"] = "Folder that it is laid into, relative to this file. Left out: submissions.",
        ["submissions.per_author"] = "Most builds that one key hands in to one season, superseded ones among them. Left out: 10.",
        ["submissions.megabytes"] = "Most of one of them. Left out: 64.",
        ["lanes"] = "Phases played at the same time. Left out: one per core, on CUDA one per visible GPU.",
    };

    public static YamlSchema Schema { get; } = new(LeagueFileReader.FileName, LeagueFileReader.Shape(), Texts());

    private static Dictionary<string, string> Texts()
    {
        var texts = TournamentKeys.Texts.Where(text => !LeagueFileReader.NotInALeague.Contains(text.Key)).ToDictionary();
        foreach (var (path, text) in Own) texts[path] = text;
        return texts;
    }
}
