using Titer.Files;

namespace Titer.Scenarios.Judges;

/// <summary>
/// Verdicts of one judge, or of the judges of one panel: what a process knows of them, and what it judged anew. Earlier ones are read from a folder
/// that the process never writes to (<see cref="VerdictStore"/> does); what they were read from may be damaged: it is judged again.
/// </summary>
public sealed class KeptVerdicts
{
    private readonly Dictionary<VerdictKey, JudgeVerdict> _known = [];
    private readonly List<(VerdictKey Key, JudgeVerdict Verdict)> _new = [];
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly string? _folder;

    /// <param name="folder">Of earlier verdicts; null where none are kept.</param>
    public KeptVerdicts(string? folder)
    {
        _folder = folder;
        Refresh();
    }

    /// <summary>Answers that a judge was asked about, and not looked up.</summary>
    public int Judged { get; private set; }

    internal JudgeVerdict? Find(VerdictKey key) => _known.TryGetValue(key, out var verdict) ? verdict : null;

    internal void Add(VerdictKey key, JudgeVerdict verdict)
    {
        _known[key] = verdict;
        _new.Add((key, verdict));
        Judged++;
    }

    /// <summary>Reads what others have judged since.</summary>
    internal void Refresh()
    {
        if (_folder is null) return;
        foreach (var file in VerdictStore.Segments(_folder))
        {
            if (!_read.Add(Path.GetFileName(file))) continue;
            foreach (var (key, verdict) in VerdictStore.Read(file)) _known[key] = verdict;
        }
    }

    /// <summary>Writes what was judged since the last time to a file of its own, if there is anything.</summary>
    public void WriteNew(string path)
    {
        if (_new.Count == 0) return;
        using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write))
            foreach (var (key, verdict) in _new) VerdictRecord.Write(file, key, verdict);
        _new.Clear();
    }
}
