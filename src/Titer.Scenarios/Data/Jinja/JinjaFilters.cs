namespace Titer.Scenarios.Data.Jinja;

/// <summary>What may stand behind <c>|</c>.</summary>
internal static class JinjaFilters
{
    /// <summary>Items, each with each other.</summary>
    private const int MostCompared = 2_000;

    private const int WidestIndent = 100;

    public static object? Apply(string name, object? value, IReadOnlyList<object?> arguments, IReadOnlyDictionary<string, object?> named)
    {
        object? Argument(int index, string key) => arguments.Count > index ? arguments[index] : named.GetValueOrDefault(key);
        MarkedText Text() => JinjaValues.Print(value);
        switch (name)
        {
            case "trim":
                return Text().Strip((Argument(0, "chars") as MarkedText)?.Text);
            case "upper":
                return Text().Each(char.ToUpperInvariant);
            case "lower":
                return Text().Each(char.ToLowerInvariant);
            case "capitalize":
                return Capitalized(Text());
            case "title":
                return Titled(Text());
            case "string":
                return Text();
            case "safe":
                return value;
            case "replace":
                return Text().Replace(JinjaValues.Text(Argument(0, "old"), "'replace'").Text, JinjaValues.Text(Argument(1, "new"), "'replace'"));
            case "length" or "count":
                return (long)JinjaValues.Items(value).Count;
            case "default" or "d":
                return value is Undefined || (JinjaValues.IsTrue(Argument(1, "boolean")) && !JinjaValues.IsTrue(value))
                    ? Argument(0, "default_value") ?? MarkedText.Empty
                    : value;
            case "join":
                return MarkedText.Join((Argument(0, "d") as MarkedText) ?? MarkedText.Empty,
                    [.. JinjaValues.Items(value).Select(JinjaValues.Print)]);
            case "first":
                return JinjaValues.Items(value) is [var first, ..] ? first : new Undefined("the first of nothing");
            case "last":
                return JinjaValues.Items(value) is [.., var last] ? last : new Undefined("the last of nothing");
            case "list":
                return JinjaValues.Items(value).ToList();
            case "reverse":
                return value is MarkedText
                    ? MarkedText.Concat(JinjaValues.Items(value).Reverse().Cast<MarkedText>())
                    : JinjaValues.Items(value).Reverse().ToList();
            case "sort":
                return JinjaValues.Items(value).OrderBy(item => item, Comparer<object?>.Create(JinjaValues.Compare)).ToList();
            case "unique":
                return Unique(JinjaValues.Items(value));
            case "items" or "dictsort":
                var entries = value as JinjaMap
                    ?? (value is Undefined ? [] : throw new JinjaException($"asks for the entries of a {JinjaValues.Named(value)}"));
                var ordered = name == "items"
                    ? entries.AsEnumerable()
                    : entries.OrderBy(entry => entry.Key.ToLowerInvariant(), StringComparer.Ordinal);
                return ordered.Select(entry => (object?)new List<object?> { MarkedText.Of(entry.Key), entry.Value }).ToList();
            case "tojson":
                return JinjaValues.Json(value, Argument(0, "indent") is { } indent ? JinjaValues.Whole(indent, "an indent") : null);
            case "int":
                return JinjaValues.Number(value) is { } number
                    ? (long)number
                    : long.TryParse(Text().Text, System.Globalization.CultureInfo.InvariantCulture, out var whole)
                        ? whole
                        : Argument(0, "default") ?? 0L;
            case "abs":
                return Math.Abs(JinjaValues.Whole(value, "'abs'"));
            case "map" when named.TryGetValue("attribute", out var attribute):
                return JinjaValues.Items(value).Select(item => Attribute(item, attribute)).ToList();
            case "map":
                return JinjaValues.Items(value)
                    .Select(item => Apply(JinjaValues.Text(Argument(0, "filter"), "'map'").Printed, item, [.. arguments.Skip(1)], named)).ToList();
            case "select" or "reject":
                return Kept(value, name == "select", item => item, arguments);
            case "selectattr" or "rejectattr":
                return Kept(value, name == "selectattr", item => Attribute(item, arguments[0]), [.. arguments.Skip(1)]);
            case "indent":
                var width = Argument(0, "width") is { } given ? JinjaValues.Whole(given, "'indent'") : 4;
                if (width is < 0 or > WidestIndent) throw new JinjaException("has an indent that is too wide");
                var lines = Text().Split("\n");
                return MarkedText.Join(MarkedText.Of("\n"),
                    [.. lines.Select((line, i) => (i > 0 || JinjaValues.IsTrue(Argument(1, "first"))) && line.Length > 0
                        ? MarkedText.Of(new string(' ', (int)width)) + line
                        : line)]);
            default:
                throw new JinjaException($"has the filter '{name}', which is not known");
        }
    }

    private static List<object?> Unique(IReadOnlyList<object?> items)
    {
        if (items.Count > MostCompared) throw new JinjaException("takes too many steps");
        var kept = new List<object?>();
        foreach (var item in items)
            if (!kept.Exists(other => JinjaValues.Equals(other, item))) kept.Add(item);
        return kept;
    }

    public static MarkedText Capitalized(MarkedText text) =>
        text.Length == 0 ? text : text.Slice(0, 1).Each(char.ToUpperInvariant) + text.Slice(1, text.Length - 1).Each(char.ToLowerInvariant);

    public static MarkedText Titled(MarkedText text)
    {
        var inWord = false;
        return text.Each(c =>
        {
            var changed = inWord ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c);
            inWord = char.IsLetter(c);
            return changed;
        });
    }

    private static List<object?> Kept(object? list, bool wanted, Func<object?, object?> part, IReadOnlyList<object?> test) =>
        [.. JinjaValues.Items(list).Where(item =>
            wanted == (test.Count == 0
                ? JinjaValues.IsTrue(part(item))
                : JinjaTests.Holds(JinjaValues.Text(test[0], "a test").Printed, part(item), [.. test.Skip(1)])))];

    private static object? Attribute(object? item, object? name) =>
        item is JinjaMap map && map.TryGetValue(JinjaValues.Text(name, "an attribute").Text, out var value) ? value : new Undefined("an attribute");
}
