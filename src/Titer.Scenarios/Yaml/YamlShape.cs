using Titer.Files.Codes;

namespace Titer.Scenarios.Yaml;

/// <summary>
/// What a value of a YAML file may be, as its reader asks for it: the reader runs on a value that is none, and every question is noted here. Where
/// it asks which form the value has, it runs again with the other answer, until every way through it was taken. There is no second list of keys,
/// kinds and bounds that could say something else than the reader.
/// </summary>
public sealed class YamlShape
{
    private const int MostRuns = 100_000;
    private readonly OrderedDictionary<string, YamlShape> _keys = [];
    private readonly List<HashSet<string>> _required = [];
    private readonly HashSet<YamlShape> _asMapping = [];
    private HashSet<string> _requiredNow = [];

    /// <summary>Of the exploration that goes on: what each question was answered.</summary>
    private readonly YamlShape? _parent;
    private List<bool>? _answers;
    private int _asked;

    internal YamlShape(YamlShape? parent = null) => _parent = parent;

    /// <summary>Keys of the mapping that it may be, in the reader's order; empty when it is no mapping, or one with any keys.</summary>
    public IReadOnlyDictionary<string, YamlShape> Keys => _keys;

    /// <summary>Keys without which the mapping is refused: one of these sets must be there. Empty when nothing must.</summary>
    public IReadOnlyList<IReadOnlySet<string>> RequiredKeys => _required.Any(set => set.Count == 0) ? [] : _required;

    /// <summary>The value under any key, of a mapping whose keys are the author's; null when it is none.</summary>
    public YamlShape? AnyKey { get; private set; }

    /// <summary>An element of the list that it may be; null when it is none.</summary>
    public YamlShape? Element { get; private set; }

    /// <summary>It may be a text.</summary>
    public bool IsText { get; private set; }

    /// <summary>The texts that it may be, where they are few; empty for any.</summary>
    public IReadOnlyList<string> Texts { get; private set; } = [];

    /// <summary>It may be a number.</summary>
    public (double Minimum, double Maximum, bool IsWhole)? Range { get; private set; }

    /// <summary>Runs a reader of this value until every way through it was taken. What it says of a value that is none counts for nothing.</summary>
    internal void Explore(Action read)
    {
        (_answers, var runs) = ([], 0);
        do
        {
            if (++runs > MostRuns)
                throw new InvalidOperationException("A reader asks too many questions in one go: read the parts of its value by keys (Fold).");
            _asked = 0;
            try
            {
                read();
                foreach (var mapping in _asMapping) mapping.Complete();
            }
            catch (Exception e) when (e is ICoded or ArgumentException or InvalidOperationException or KeyNotFoundException or IOException)
            {
                // The first text that is known, the smallest number: refused by a check of the reader, after it was asked for.
            }

            foreach (var mapping in _asMapping) mapping._requiredNow = [];
            _asMapping.Clear();
        }
        while (Next(_answers));
        _answers = null;
    }

    /// <summary>Answers a question about the value's form: no at first, then yes.</summary>
    internal bool Decide()
    {
        if (_answers is null) return Nearest().Decide();
        if (_asked == _answers.Count) _answers.Add(false);
        return _answers[_asked++];
    }

    internal YamlShape Key(string key)
    {
        Nearest()._asMapping.Add(this);
        if (_keys.TryGetValue(key, out var known)) return known;
        _keys.Add(key, new YamlShape(this));
        return _keys[key];
    }

    internal YamlShape Any() => AnyKey ??= new YamlShape(this);

    internal YamlShape Item() => Element ??= new YamlShape(this);

    internal void Require(string key) => _requiredNow.Add(key);

    internal string Text(IEnumerable<string>? known)
    {
        IsText = true;
        if (known is not null) Texts = [.. known];
        return Texts.Count > 0 ? Texts[0] : "any";
    }

    internal double Number(double minimum, double maximum, bool isWhole)
    {
        Range = (minimum, maximum, isWhole);
        return minimum;
    }

    /// <summary>The nearest reader above that is explored runs again.</summary>
    private YamlShape Nearest() => _answers is null ? _parent!.Nearest() : this;

    /// <summary>A reader came to its end: what it asked for was enough.</summary>
    private void Complete()
    {
        if (!_required.Any(set => set.SetEquals(_requiredNow))) _required.Add(_requiredNow);
    }

    /// <summary>Counts on, the last question fastest.</summary>
    private static bool Next(List<bool> answers)
    {
        while (answers.Count > 0 && answers[^1]) answers.RemoveAt(answers.Count - 1);
        if (answers.Count == 0) return false;
        answers[^1] = true;
        return true;
    }
}
