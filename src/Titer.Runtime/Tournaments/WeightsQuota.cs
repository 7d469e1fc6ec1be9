using Titer.Runtime.Results;
using Titer.Tournament;

namespace Titer.Runtime.Tournaments;

/// <summary>
/// Keeps defended weights within a part of the disk while a run plays: those that no phase waits for go, the largest first, and a defense waits
/// until there is room for what it makes, unless nothing else can be played. A defense whose weights are wanted again is computed again. Used by one
/// thread at a time.
/// </summary>
/// <param name="modelBytes">Of one defended model, about.</param>
internal sealed class WeightsQuota(RunFolder folder, long mostBytes, long modelBytes)
{
    private readonly HashSet<string> _gone = [];

    /// <summary>Models that were removed.</summary>
    public int Removed => _gone.Count;

    /// <summary>The next phase to play: where there is no room for more weights, what needs none comes first.</summary>
    public Phase? Next(PhaseQueue queue, IReadOnlyCollection<Phase> running)
    {
        if (!queue.HasReadyDefense || HasRoom(queue, running.Count(p => p.Kind == PhaseKind.Defend))) return queue.Next();
        return queue.Next(withDefenses: false) ?? (running.Count == 0 ? queue.Next() : null);
    }

    /// <summary>Whether there is, or could be made, room for what another defense makes beside those that are under way.</summary>
    private bool HasRoom(PhaseQueue queue, int defendsUnderWay)
    {
        var target = mostBytes - (defendsUnderWay + 1) * modelBytes;
        Remove(queue, target);
        return Stored() <= target;
    }

    /// <summary>Removes what is over the quota and nothing waits for.</summary>
    public void Enforce(PhaseQueue queue) => Remove(queue, mostBytes);

    private void Remove(PhaseQueue queue, long target)
    {
        var stored = Stored();
        if (stored <= target) return;
        var made = queue.Plan.Phases.Where(p => p.Kind == PhaseKind.Defend)
            .Select(p => (Phase: p, Hash: queue.Results.GetValueOrDefault(p.Id)?.WeightsHash)).Where(m => m.Hash is not null)
            .GroupBy(m => m.Hash!, m => m.Phase);
        foreach (var model in made.Where(m => RunFolder.Has(folder.WeightsFile(m.Key))).OrderByDescending(m => BytesOf(m.Key)))
        {
            if (stored <= target) return;
            if (model.Any(p => queue.DependentsOf(p.Id).Any(d => !queue.Results.ContainsKey(d.Id)))) continue;
            stored -= BytesOf(model.Key);
            Directory.Delete(Path.GetDirectoryName(folder.WeightsFile(model.Key))!, recursive: true);
            _gone.Add(model.Key);
        }
    }

    private long Stored() => RunCleaning.BytesOf(Path.Combine(folder.Path, "weights"));

    private long BytesOf(string hash) => RunCleaning.BytesOf(folder.WeightsFile(hash));
}
