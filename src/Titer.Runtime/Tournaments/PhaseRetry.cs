using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Results;
using Titer.Tournament;

namespace Titer.Runtime.Tournaments;

/// <summary>Which failed phases an operator wants played again: what a plugin lacked may be there now.</summary>
/// <param name="ids">Ids or labels of plugins, or ids of phases; empty means all.</param>
internal sealed class PhaseRetry(IReadOnlyCollection<string> ids)
{
    /// <summary>Whether a result is one that can be played again.</summary>
    public static bool IsRetried(PhaseResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result.Status is PhaseStatus.Error or PhaseStatus.Timeout;
    }

    /// <summary>Takes the tournament's builds out of quarantine.</summary>
    /// <returns>Whether there were any.</returns>
    public bool Readmit(Quarantine quarantine, TournamentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(quarantine);
        ArgumentNullException.ThrowIfNull(spec);
        var aside = spec.Defenses.Concat(spec.Attacks).Where(Names).SelectMany(e => e.Builds)
            .Where(b => quarantine.Find(b.Id, b.ContentHash) is not null).Select(b => b.Id).Distinct().ToArray();
        foreach (var id in aside) quarantine.Clear(id);
        return aside.Length > 0;
    }

    /// <summary>Takes their failed results out of the store and of <paramref name="stored"/>: they count as not played.</summary>
    public void Forget(ResultStore store, TournamentPlan plan, Dictionary<string, PhaseResult> stored)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(stored);
        foreach (var phase in plan.Phases.Where(
            p => stored.TryGetValue(p.Id, out var result) && IsRetried(result) && (ids.Contains(p.Id) || p.Player is { } player && Names(player))))
        {
            store.Retire(stored[phase.Id]);
            stored.Remove(phase.Id);
        }
    }

    private bool Names(Entrant entrant) => ids.Count == 0 || ids.Contains(entrant.Id) || ids.Contains(entrant.Label)
        || entrant.Builds.Any(b => ids.Contains(b.Id));
}
