namespace Titer.Runtime.Results;

/// <summary>What is to be said of a folder's results while they are read. Thread-safe.</summary>
internal sealed class ResultNotices
{
    private readonly Dictionary<string, string> _byFile = [];
    private readonly HashSet<string> _unsealed = [];

    /// <summary>What was found damaged so far: code, fact, and what becomes of it; by file.</summary>
    public IReadOnlyCollection<string> All
    {
        get
        {
            lock (_byFile) return [.. _byFile.OrderBy(n => n.Key, StringComparer.Ordinal).Select(n => n.Value)];
        }
    }

    /// <summary>One sentence on results that were taken although this host did not seal them; null when there are none.</summary>
    public string? Unsealed
    {
        get
        {
            lock (_unsealed)
            {
                return _unsealed.Count == 0 ? null
                    : $"TITER237 {_unsealed.Count} results were not sealed by this host: they were measured elsewhere, before results had seals, or "
                        + "written by hand, and nobody here vouches for them.";
            }
        }
    }

    public void Add(string file, string notice)
    {
        lock (_byFile) _byFile[file] = notice;
    }

    public void AddUnsealed(string phaseId)
    {
        lock (_unsealed) _unsealed.Add(phaseId);
    }
}
