using System.Text.Json;
using Titer.League.Standing;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Results;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.League.Play;

/// <summary>
/// The rows of superseded builds: judged once, from the files, each alone against the undefended subject, as a tournament with that one build would
/// have it. Nothing of them stays in memory. Thread-safe.
/// </summary>
internal sealed class SupersededRows(LeagueField field, RunFolder folder)
{
    private readonly Lock _asking = new();
    private readonly HashSet<(string Id, string ContentHash)> _again = [];

    /// <summary>A phase of it that was under way is through: its row is judged again.</summary>
    public void Judge(Entrant defense)
    {
        lock (_asking) _again.Add((defense.Id, defense.ContentHash));
    }

    /// <summary>Gives a row to the superseded entries that lack one.</summary>
    public void Judge(LeagueLedger ledger)
    {
        (string Id, string ContentHash)[] again;
        lock (_asking)
        {
            again = [.. _again];
            _again.Clear();
        }

        var entries = ledger.Document.Entries;
        foreach (var entry in entries.Where(e => e is { State: EntryState.Superseded, Kind: PluginKind.Defense }
            && (e.Row is null || again.Contains((e.Id, e.ContentHash)))))
        {
            if (Judged(entry, entries) is not { } judged) continue;
            ledger.Change(document => document with
            {
                Entries = [.. document.Entries.Select(e => e.Is(entry.Id, entry.ContentHash) && e.State == EntryState.Superseded
                    ? e with { Row = judged.Row, Progress = judged.Progress } : e)],
            });
        }
    }

    private (JsonElement Row, EntryProgress Progress)? Judged(LeagueEntry entry, IReadOnlyList<LeagueEntry> entries)
    {
        ResolvedTournament alone;
        try
        {
            if (!field.Has(entry)) return null;
            alone = field.Alone(entry, entries);
        }
        catch (ConfigurationException)
        {
            // What the league's file says of it now does not fit that build.
            return null;
        }

        var spec = alone.Spec;
        var (plan, results) = new ResultStore(RunFolder.OpenToRead(folder.Path, folder.Key), alone.Assets.Scenario).Load(spec);
        // Where the file plays it with several settings, the first.
        var label = spec.Defenses.First(d => d.ContentHash == entry.ContentHash).Label;
        var row = TournamentFold.Report(spec, plan, results).Rows.First(r => r.Defense == label);
        var own = plan.Phases.Where(p => p.Defense.ContentHash == entry.ContentHash);
        return (JsonSerializer.SerializeToElement(row, TournamentJson.Default.LeaderboardRow), EntryProgress.Of(own, results));
    }
}
