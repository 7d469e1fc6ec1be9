namespace Titer.Runtime.Slurm;

/// <summary>Which job a phase was given to, and what became of that job: the ledger and the scheduler's answer together.</summary>
internal sealed class JobBoard
{
    private readonly Dictionary<string, (SubmittedArray Array, int Task)> _placed = [];
    private Dictionary<(string Name, int Task), SlurmJob> _jobs = [];

    /// <summary>Jobs of this tournament in the queue.</summary>
    public IReadOnlyCollection<SlurmJob> Alive { get; private set; } = [];

    public void Place(SubmittedArray array)
    {
        for (var task = 0; task < array.Tasks.Count; task++)
            foreach (var phase in array.Tasks[task]) _placed[phase] = (array, task);
    }

    /// <param name="prefix">Of the names of this tournament's jobs.</param>
    public void See(IReadOnlyList<SlurmJob> queue, string prefix)
    {
        _jobs = queue.Where(j => j.Name.StartsWith(prefix, StringComparison.Ordinal)).GroupBy(j => (j.Name, j.Task))
            .ToDictionary(g => g.Key, g => g.Last());
        Alive = [.. _jobs.Values.Where(j => j.IsAlive)];
    }

    /// <summary>Where the phase was placed last; null where it never was.</summary>
    public (SubmittedArray Array, int Task)? PlaceOf(string phaseId) => _placed.TryGetValue(phaseId, out var place) ? place : null;

    /// <summary>The job that the phase was given to last; null where there is none, or the scheduler has forgotten it.</summary>
    public SlurmJob? JobOf(string phaseId) =>
        _placed.TryGetValue(phaseId, out var place) ? _jobs.GetValueOrDefault((place.Array.JobName, place.Task)) : null;

    /// <summary>Phases whose job waits or runs.</summary>
    public IEnumerable<string> UnderWay => _placed.Keys.Where(p => JobOf(p) is { IsAlive: true });

    /// <summary>For a dependency: <c>123_4</c>; null where the phase waits for no job that is known.</summary>
    public string? JobIdOf(string phaseId) => JobOf(phaseId) is { } job ? job.IsAlive ? job.Id : null
        : PlaceOf(phaseId) is { Array.JobId: { } id, Task: var task } ? FormattableString.Invariant($"{id}_{task}") : null;
}
