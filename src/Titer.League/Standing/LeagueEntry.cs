using System.Text.Json;
using Titer.Plugins;
using Titer.Tournament;

namespace Titer.League.Standing;

/// <summary>What is with a build that was dropped.</summary>
internal enum EntryState
{
    /// <summary>It plays, or has played.</summary>
    Standing,

    /// <summary>A newer build of the plugin stands in its place: what it had played by then is its row.</summary>
    Superseded,

    /// <summary>Its files were taken away. It is played to its end all the same: a result is not taken back.</summary>
    Removed,
}

/// <summary>One build of a plugin that was dropped and accepted: a row of the board, or a column.</summary>
internal sealed record LeagueEntry
{
    public required string Id { get; init; }

    public required PluginKind Kind { get; init; }

    public required string ContentHash { get; init; }

    public required string Version { get; init; }

    /// <summary>1 for the first build of the plugin.</summary>
    public required int Generation { get; init; }

    /// <summary>Where it was dropped; full path.</summary>
    public required string Place { get; init; }

    public required EntryState State { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When it was superseded or removed.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Who handed it in, and what they said of it; null for what the operator dropped.</summary>
    public EntrantSubmission? Submission { get; init; }

    /// <summary>How far it is; null for what is no row.</summary>
    public EntryProgress? Progress { get; init; }

    /// <summary>The row of a superseded build, as <c>leaderboard.json</c> would have it; null until it was judged.</summary>
    public JsonElement? Row { get; init; }

    public bool Is(string id, string contentHash) => Id == id && ContentHash == contentHash;
}

/// <summary>Phases of one row.</summary>
/// <param name="Failed">Of those that are done.</param>
/// <param name="Left">Still to be played: nothing of a build that is superseded, and nothing on a defense that failed.</param>
internal sealed record EntryProgress(int Planned, int Done, int Failed, int Running, int Left = 0)
{
    public static EntryProgress Of(IEnumerable<Phase> phases, IReadOnlyDictionary<string, PhaseResult> results, int running = 0, int left = 0)
    {
        Phase[] all = [.. phases];
        var done = all.Select(p => results.GetValueOrDefault(p.Id)).OfType<PhaseResult>().ToArray();
        return new EntryProgress(all.Length, done.Length, done.Count(r => r.Status != PhaseStatus.Done), running, left);
    }
}

/// <summary>A place whose drop was refused, as long as it is there.</summary>
/// <param name="Name">The plugin's id as far as it can be read, or the name of the place.</param>
/// <param name="Why">Code, fact and fix.</param>
internal sealed record RefusedDrop(string Place, string Name, string Why, DateTimeOffset Since);
