using Titer.League.Play;
using Titer.League.Seasons;
using Titer.League.Standing;
using Titer.League.Submissions;
using Titer.Plugins;
using Titer.Plugins.Watching;
using Titer.Runtime.Configuration;
using Titer.Runtime.Seasons;
using Titer.Runtime.Submissions;

namespace Titer.League.Catalog;

/// <summary>
/// Follows the watched folders: a drop is inspected, takes its place among the entries, and what is played changes. A drop that is refused changes
/// nothing but a line. Used by one thread at a time.
/// </summary>
/// <param name="inspect">The gate, by metadata alone (<see cref="InspectedDrop.Of"/>).</param>
internal sealed class LeagueCatalog(DropWatch watch, Func<Drop, InspectedDrop> inspect, LeagueField field, LeagueLedger ledger, LeagueLog log,
    TimeProvider clock)
{
    /// <summary>The season that is open: who attacks in it and what scores is settled. Null where none is.</summary>
    public SeasonDocument? Season { get; init; }

    /// <summary>Ids of attacks that the season hides.</summary>
    public IReadOnlyList<string> Reserved { get; init; } = [];

    /// <summary>Where submissions are taken in; null takes none.</summary>
    public SubmissionDesk? Desk { get; init; }

    /// <summary>Keeps what an author handed in.</summary>
    public Action<string, SubmissionBundle> Keep { get; init; } = (_, _) => { };

    /// <param name="changed">Hears what is played from here on.</param>
    public async Task FollowAsync(Action<ResolvedTournament> changed, CancellationToken stop)
    {
        await foreach (var drops in watch.DropsAsync(stop))
        {
            ResolvedTournament? now = null;
            foreach (var drop in drops) now = Take(drop) ?? now;
            // Once for all that came together.
            if (now is not null) changed(now);
        }
    }

    /// <summary>What is played from here on; null where nothing changes.</summary>
    internal ResolvedTournament? Take(Drop drop)
    {
        try
        {
            return drop.Kind == DropKind.Gone ? Leave(drop) : Enter(drop);
        }
        catch (ConfigurationException e)
        {
            Refuse(drop, Path.GetFileName(drop.Path), e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A file that changed while it was read, or a full disk: another look will tell.
            if (!drop.MayBeUnfinished) log.Write(LeagueEventKind.Fault, $"{drop.Path} could not be taken in, and is looked at again: {e.Message}");
            watch.Postpone(drop);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Something that the drop provoked, or a bug: it costs this drop, not the league.
            Refuse(drop, Path.GetFileName(drop.Path), $"TITER684 The host failed while it looked at '{drop.Path}': {e.GetType().Name}: {e.Message} "
                + "Please report it, with the files.");
        }

        return null;
    }

    private ResolvedTournament? Leave(Drop drop)
    {
        var (entries, removed) = Succession.Leave(ledger.Document.Entries, drop.Path, null, clock.GetUtcNow());
        ledger.Change(document => document with { Entries = entries, Refused = Without(document, drop.Path) });
        if (removed is not null) SayRemoved(removed);
        return null;
    }

    private ResolvedTournament? Enter(Drop drop)
    {
        using var inspected = inspect(drop);
        if (inspected.Verdict.Plugin is not { } plugin)
        {
            if (drop.MayBeUnfinished) watch.Postpone(drop);
            else Refuse(drop, inspected.Verdict.Name, inspected.Verdict.Problems[0].ToString());
            return null;
        }

        var manifest = plugin.Manifest;
        if (field.IsBundled(manifest.Id))
        {
            Refuse(drop, manifest.Id, new PluginProblem(PluginProblemCode.DuplicateId,
                $"The id '{manifest.Id}' of '{drop.Path}' is that of a plugin that comes with the host.",
                "Give the plugin another id in its TiterPlugin attribute.").ToString());
            return null;
        }

        if (Season is not null && Reserved.Contains(manifest.Id))
        {
            Refuse(drop, manifest.Id, SeasonCheck.Reserved(Season, manifest.Id).ToString());
            return null;
        }

        if (Season?.Seal is not null && !IsStanding(manifest))
        {
            Refuse(drop, manifest.Id, SeasonCheck.Sealed(Season, manifest.Id).ToString());
            return null;
        }

        if (Season is not null && manifest.Kind != PluginKind.Defense && !IsStanding(manifest))
        {
            Refuse(drop, manifest.Id,
                $"TITER724 Season {Season.Frozen.Season} is open, and what attacks and scores in it is settled. Leave it there: it "
                + "is looked at again when the league is served after 'titer season close'.");
            return null;
        }

        var submission = inspected.Submission?.Mark;
        if (submission is not null && Desk!.Refusal(ledger.Document.Entries, manifest, submission) is { } why)
        {
            Refuse(drop, manifest.Id, why.ToString());
            return null;
        }

        var outcome = Succession.Accept(ledger.Document.Entries, manifest, drop.Path, clock.GetUtcNow(), Path.Exists, submission);
        if (outcome.Refusal is { } refusal)
        {
            Refuse(drop, manifest.Id, refusal.ToString());
            return null;
        }

        var isKnown = outcome.Entries is null && ledger.Document.Entries.Any(e => e.Is(manifest.Id, manifest.ContentHash) && field.Has(e));
        field.Pin(plugin);
        if (outcome.Entries is null)
        {
            ledger.Change(document => document with { Refused = Without(document, drop.Path) });
            // The copy that it was played from was lost while no host ran.
            return isKnown ? null : field.Resolve(ledger.Document.Entries);
        }

        var (succeeded, left) = Succession.Leave(outcome.Entries, drop.Path, manifest.Id, clock.GetUtcNow());
        var entries = SubmissionRules.Counted(succeeded);
        var resolved = field.Resolve(entries);
        if (inspected.Submission?.Bundle is { } bundle) Keep(drop.Path, bundle);
        ledger.Change(document => document with
        {
            Entries = entries,
            Refused = Without(document, drop.Path),
            Activity = document.Activity == LeagueActivity.Idle ? LeagueActivity.Playing : document.Activity,
        });
        if (left is not null) SayRemoved(left);
        Say(outcome.Accepted!, outcome.Superseded, resolved);
        return resolved;
    }

    private bool IsStanding(PluginManifest plugin) =>
        ledger.Document.Entries.Any(e => e.Is(plugin.Id, plugin.ContentHash) && e.State != EntryState.Superseded);

    private void Say(LeagueEntry accepted, LeagueEntry? superseded, ResolvedTournament resolved)
    {
        if (superseded is not null)
        {
            log.Write(LeagueEventKind.Superseded,
                $"{superseded.Id} {superseded.Version} ({superseded.ContentHash[..8]}): superseded; its row stays, as it is when its running phases "
                    + "are through.", superseded);
        }

        var entrants = resolved.Spec.Defenses.Concat(resolved.Spec.Attacks)
            .Where(e => e.PluginId == accepted.Id || e.Then?.Id == accepted.Id).ToArray();
        var listed = accepted.Kind == PluginKind.Attack ? "attacks" : "metrics";
        log.Write(LeagueEventKind.Accepted,
            $"{accepted.Id} {accepted.Version} ({accepted.ContentHash[..8]}): generation {accepted.Generation}, {(entrants.Length > 0
                ? $"plays as {string.Join(", ", entrants.Select(e => e.Label))}"
                : $"plays nothing: the league's file names its {listed}, and this is none of them")}.", accepted);
        foreach (var why in entrants.Select(e => e.Refusal).OfType<Tournament.Refusal>().Distinct())
            log.Write(LeagueEventKind.Noticed, $"{accepted.Id}: {why.Code} {why.Reason}", accepted);
    }

    private void SayRemoved(LeagueEntry removed) =>
        log.Write(LeagueEventKind.Removed, $"{removed.Id} {removed.Version} ({removed.ContentHash[..8]}): its files are gone; its row stays, and is "
            + "played to its end.", removed);

    private void Refuse(Drop drop, string name, string why)
    {
        // A host that starts again has said it before.
        if (ledger.Document.Refused.Any(r => r.Place == drop.Path && r.Why == why)) return;
        ledger.Change(document => document with
        {
            Refused = [.. Without(document, drop.Path).Append(new RefusedDrop(drop.Path, name, why, clock.GetUtcNow()))
                .OrderBy(r => r.Place, StringComparer.Ordinal)],
        });
        log.Write(LeagueEventKind.Refused, $"{name}: refused: {why}", place: drop.Path);
    }

    private static RefusedDrop[] Without(LeagueDocument document, string place) => [.. document.Refused.Where(r => r.Place != place)];
}
