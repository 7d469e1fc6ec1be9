using System.Collections;

namespace Titer.Scenarios.Yaml;

/// <summary>The entries of a mapping that is none: every key that is asked for is noted, and is there in one run and missing in another.</summary>
/// <param name="known">Keys that are enumerated; one stands for all where there are none.</param>
internal sealed class ShapeEntries(YamlShape shape, string[] known, Func<YamlShape, StrictYaml> value) : IReadOnlyDictionary<string, StrictYaml>
{
    /// <summary>Stands for a key of the author's.</summary>
    private const string AnyKey = "*";

    public StrictYaml this[string key] => value(key == AnyKey ? shape.Any() : shape.Key(key));

    public IEnumerable<string> Keys => known.Length > 0 ? known : [AnyKey];

    public IEnumerable<StrictYaml> Values => Keys.Select(key => this[key]);

    public int Count => Math.Max(1, known.Length);

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, out StrictYaml found)
    {
        found = this[key];
        return shape.Decide();
    }

    public IEnumerator<KeyValuePair<string, StrictYaml>> GetEnumerator() => Keys.Select(key => KeyValuePair.Create(key, this[key])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
