using Titer.Files.Codes;

namespace Titer.Scenarios.Yaml;

/// <summary>
/// What a value of a YAML file may be, as its reader asks for it: the reader runs on a value that is none, and every question is noted here. Where
/// it asks which form the value has, it runs again with the other answer, until every way through it was taken. There is no second list of keys,
/// kinds and bounds that could say something else than the reader.
/// </summary>
public sealed class YamlShape
{
    private readonly OrderedDictionary<string, YamlShape> _keys = [];
    private readonly HashSet<string> _required = [];

    /// <summary>Of the exploration that goes on: what each question was answered.</summary>
    private readonly YamlShape? _parent;
    private List<bool>? _answers;
    private int _asked;

    internal YamlShape(YamlShape? parent = null) => _parent = parent;

    /// <summary>Keys of the mapping that it may be, in the reader's order; empty when it is no mapping, or one with any keys.</summary>
    public IReadOnlyDictionary<string, YamlShape> Keys => _keys;

    /// <summary>Keys without which the mapping is refused.</summary>
    public IReadOnlyCollection<string> RequiredKeys => _required;

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
        _answers = [];
        do
        {
            _asked = 0;
            try
            {
                read();
            }
            catch (Exception e) when (e is ICoded or ArgumentException or InvalidOperationException or KeyNotFoundException or IOException)
            {
                // The first text that is known, the smallest number: refused by a check of the reader, after it was asked for.
            }
        }
        while (Next(_answers));
        _answers = null;
    }

    /// <summary>Answers a question about the value's form: no at first, then yes.</summary>
    internal bool Decide()
    {
        // The nearest reader above that is explored runs again.
        if (_answers is null) return _parent!.Decide();
        if (_asked == _answers.Count) _answers.Add(false);
        return _answers[_asked++];
    }

    internal YamlShape Key(string key)
    {
        if (_keys.TryGetValue(key, out var known)) return known;
        _keys.Add(key, new YamlShape(this));
        return _keys[key];
    }

    internal YamlShape Any() => AnyKey ??= new YamlShape(this);

    internal YamlShape Item() => Element ??= new YamlShape(this);

    internal void Require(string key) => _required.Add(key);

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

    /// <summary>Counts on, the last question fastest.</summary>
    private static bool Next(List<bool> answers)
    {
        while (answers.Count > 0 && answers[^1]) answers.RemoveAt(answers.Count - 1);
        if (answers.Count == 0) return false;
        answers[^1] = true;
        return true;
    }
}
