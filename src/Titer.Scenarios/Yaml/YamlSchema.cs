using System.Text.Json.Nodes;

namespace Titer.Scenarios.Yaml;

/// <summary>What a file may hold, as JSON Schema for editors and as rows of a reference page.</summary>
/// <param name="title">For example <c>tournament.yaml</c>.</param>
/// <param name="shape">Learnt from the file's reader.</param>
/// <param name="texts">What each key means, by its path: <c>budget.attack.steps</c>, <c>defenses[].set</c>; a star stands for any key.</param>
public sealed class YamlSchema(string title, YamlShape shape, IReadOnlyDictionary<string, string> texts)
{
    private const string Dialect = "http://json-schema.org/draft-07/schema#";

    private const double Endless = int.MaxValue;

    /// <summary>Every key that the reader takes: path, what may stand there, meaning. What a key before it has too is not said again.</summary>
    public IReadOnlyList<(string Path, string Values, string Meaning)> Rows { get; } =
        [.. Below(shape, "", isShort: true).Select(row => (row.Path, row.Values, TextOf(row.Path, texts)))];

    /// <summary>Paths that are explained and that no reader takes.</summary>
    public IEnumerable<string> Unknown
    {
        get
        {
            var paths = Below(shape, "", isShort: false).Select(row => row.Path).ToArray();
            return texts.Keys.Where(text => text.Length > 0 && !paths.Any(path => Matches(text, path)));
        }
    }

    public JsonObject Json()
    {
        var json = Of(shape, "");
        json.Insert(0, "$schema", Dialect);
        json.Insert(1, "title", title);
        return json;
    }

    private static IEnumerable<(string Path, string Values)> Below(YamlShape shape, string path, bool isShort)
    {
        var before = new Dictionary<string, string>();
        foreach (var (key, value) in shape.Keys)
        {
            var at = path.Length == 0 ? key : $"{path}.{key}";
            var below = Below(value, at, isShort).ToArray();
            var all = string.Join('\n', below.Select(b => $"{b.Path[at.Length..]} {b.Values}"));
            if (isShort && below.Length > 2 && !before.TryAdd(all, at))
            {
                yield return (at, $"as `{before[all]}`");
                continue;
            }

            yield return (at, ValuesOf(value));
            foreach (var row in below) yield return row;
        }

        if (shape.AnyKey is { } any) foreach (var row in Below(any, $"{path}.*", isShort)) yield return row;
        if (shape.Element is { } element) foreach (var row in Below(element, $"{path}[]", isShort)) yield return row;
    }

    private static string TextOf(string path, IReadOnlyDictionary<string, string> texts) => texts.TryGetValue(path, out var exact) ? exact
        : texts.FirstOrDefault(text => Matches(text.Key, path)).Value ?? "";

    private static bool Matches(string pattern, string path)
    {
        var (wanted, parts) = (pattern.Split('.'), path.Split('.'));
        return wanted.Length == parts.Length && wanted.Zip(parts).All(p => p.First == "*" || p.First == p.Second);
    }

    private static string ValuesOf(YamlShape shape)
    {
        var forms = new List<string>();
        if (shape.Range is var (minimum, maximum, isWhole))
            forms.Add(FormattableString.Invariant(
                $"{(isWhole ? "a whole number" : "a number")}, {(maximum >= Endless ? $"at least {minimum}" : $"{minimum} to {maximum}")}"));
        else if (IsFlag(shape)) forms.Add("true or false");
        else if (shape.Texts.Count > 0) forms.Add(string.Join(", ", shape.Texts));
        else if (shape.IsText) forms.Add("a text");
        if (shape.Element is { } element) forms.Add($"a list, each: {ValuesOf(element)}");
        bool IsRequired(string key) => shape.RequiredKeys.Count > 0 && shape.RequiredKeys.All(set => set.Contains(key));
        var keys = shape.Keys.Keys.Select(key => IsRequired(key) ? $"{key} (required)" : key);
        if (shape.Keys.Count > 0) forms.Add($"keys {string.Join(", ", keys)}");
        if (shape.AnyKey is { } any) forms.Add($"{(shape.Keys.Count > 0 ? "other" : "your own")} keys, each: {ValuesOf(any)}");
        return string.Join("; or ", forms);
    }

    private JsonObject Of(YamlShape at, string path)
    {
        var forms = new List<JsonObject>();
        // A number that is kept as it was written is asked for as a text too.
        if (at.Range is var (minimum, maximum, isWhole))
            forms.Add(new JsonObject { ["type"] = isWhole ? "integer" : "number", ["minimum"] = minimum, ["maximum"] = maximum });
        else if (IsFlag(at)) forms.Add(new JsonObject { ["type"] = "boolean" });
        else if (at.Texts.Count > 0) forms.Add(new JsonObject { ["enum"] = new JsonArray([.. at.Texts.Select(t => JsonValue.Create(t))]) });
        else if (at.IsText) forms.Add(new JsonObject { ["type"] = new JsonArray("string", "number", "boolean") });
        if (at.Element is { } element) forms.Add(new JsonObject { ["type"] = "array", ["items"] = Of(element, $"{path}[]") });
        if (at.Keys.Count > 0 || at.AnyKey is not null) forms.Add(Mapping(at, path));
        var json = forms.Count == 1 ? forms[0] : forms.Count == 0 ? [] : new JsonObject { ["anyOf"] = new JsonArray([.. forms]) };
        if (TextOf(path, texts) is { Length: > 0 } meaning) json["description"] = meaning;
        return json;
    }

    private JsonObject Mapping(YamlShape at, string path)
    {
        var properties = new JsonObject();
        foreach (var (key, value) in at.Keys) properties[key] = Of(value, path.Length == 0 ? key : $"{path}.{key}");
        var json = new JsonObject { ["type"] = "object", ["properties"] = properties,
            ["additionalProperties"] = at.AnyKey is { } any ? Of(any, $"{path}.*") : false };
        JsonArray Named(IReadOnlySet<string> keys) => new([.. keys.Select(key => JsonValue.Create(key))]);
        if (at.RequiredKeys is [var all]) json["required"] = Named(all);
        else if (at.RequiredKeys.Count > 1)
            json["anyOf"] = new JsonArray([.. at.RequiredKeys.Select(keys => new JsonObject { ["required"] = Named(keys) })]);
        return json;
    }

    private static bool IsFlag(YamlShape shape) => shape.Texts is ["true", "false"];
}
