using System.Collections;
using System.Globalization;

namespace Titer.Scenarios.Data.Jinja;

/// <summary>A variable that is not there: it prints as nothing and counts as false.</summary>
internal sealed record Undefined(string Name);

/// <summary>A mapping in the order of its entries.</summary>
internal sealed class JinjaMap : OrderedDictionary<string, object?>
{
    public JinjaMap()
        : base(StringComparer.Ordinal)
    {
    }

    /// <summary>Made by <c>namespace()</c>: the only thing whose members a template may set.</summary>
    public bool IsNamespace { get; init; }
}

/// <summary>Something that a template may call.</summary>
internal delegate object? JinjaFunction(IReadOnlyList<object?> positional, IReadOnlyDictionary<string, object?> named);

/// <summary>
/// Values as Python has them: null, bool, long, double, <see cref="MarkedText"/>, lists, <see cref="JinjaMap"/> and <see cref="JinjaFunction"/>.
/// </summary>
internal static class JinjaValues
{
    /// <summary>Lists in lists; a namespace can hold itself.</summary>
    private const int Deepest = 100;

    private const int WidestIndent = 100;

    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool flag => flag,
        long whole => whole != 0,
        double number => number != 0,
        MarkedText text => text.Length > 0,
        ICollection items => items.Count > 0,
        _ => true,
    };

    public static MarkedText Print(object? value) => value switch
    {
        MarkedText text => text,
        Undefined => MarkedText.Empty,
        null => MarkedText.Of("None"),
        bool flag => MarkedText.Of(flag ? "True" : "False"),
        long whole => MarkedText.Of(whole.ToString(CultureInfo.InvariantCulture)),
        double number => MarkedText.Of(number.ToString("R", CultureInfo.InvariantCulture) is var text
            && text.All(c => char.IsAsciiDigit(c) || c == '-') ? text + ".0" : number.ToString("R", CultureInfo.InvariantCulture)),
        _ => throw new JinjaException($"prints a {Named(value)}, which is not known"),
    };

    public static MarkedText Text(object? value, string what) =>
        value as MarkedText ?? throw new JinjaException($"has {what} of a {Named(value)}, not of a text");

    public static long Whole(object? value, string what) => value switch
    {
        long whole => whole,
        bool flag => flag ? 1 : 0,
        _ => throw new JinjaException($"has {what} of a {Named(value)}, not of a whole number"),
    };

    public static new bool Equals(object? left, object? right) => Equals(left, right, 0);

    private static bool Equals(object? left, object? right, int depth) => (left, right) switch
    {
        _ when depth > Deepest => throw TooDeep(),
        (MarkedText a, MarkedText b) => a.Text == b.Text,
        (Undefined, Undefined) or (null, null) => true,
        (JinjaMap a, JinjaMap b) =>
            a.Count == b.Count && a.All(entry => b.TryGetValue(entry.Key, out var other) && Equals(entry.Value, other, depth + 1)),
        (List<object?> a, List<object?> b) => a.Count == b.Count && a.Zip(b).All(pair => Equals(pair.First, pair.Second, depth + 1)),
        _ when Number(left) is { } a && Number(right) is { } b => a == b,
        _ => ReferenceEquals(left, right),
    };

    public static int Compare(object? left, object? right) => (left, right) switch
    {
        (MarkedText a, MarkedText b) => string.CompareOrdinal(a.Text, b.Text),
        _ when Number(left) is { } a && Number(right) is { } b => a.CompareTo(b),
        _ => throw new JinjaException($"compares a {Named(left)} with a {Named(right)}"),
    };

    public static double? Number(object? value) => value switch
    {
        long whole => whole,
        double number => number,
        bool flag => flag ? 1 : 0,
        _ => null,
    };

    /// <summary>What a loop goes over.</summary>
    public static IReadOnlyList<object?> Items(object? value) => value switch
    {
        List<object?> list => list,
        JinjaMap map => [.. map.Keys.Select(key => (object?)MarkedText.Of(key))],
        MarkedText text => [.. Enumerable.Range(0, text.Length).Select(i => (object?)text.Slice(i, 1))],
        Undefined => [],
        _ => throw new JinjaException($"goes over a {Named(value)}, which is no list"),
    };

    public static bool Contains(object? items, object? value) => items switch
    {
        MarkedText text => text.Text.Contains(Text(value, "a search").Text, StringComparison.Ordinal),
        JinjaMap map => value is MarkedText key && map.ContainsKey(key.Text),
        _ => Items(items).Any(item => Equals(item, value)),
    };

    /// <summary>As <c>json.dumps(ensure_ascii=False)</c>: a space after every comma and colon.</summary>
    public static MarkedText Json(object? value, long? indent, int level = 0)
    {
        if (level > Deepest) throw TooDeep();
        if (indent is < 0 or > WidestIndent) throw new JinjaException("has an indent that is too wide");
        switch (value)
        {
            case null:
                return MarkedText.Of("null");
            case bool flag:
                return MarkedText.Of(flag ? "true" : "false");
            case MarkedText text:
                return MarkedText.Of("\"") + MarkedText.Concat(
                    Enumerable.Range(0, text.Length).Select(i => MarkedText.Of(Escaped(text.Text[i]), text.Marks[i]))) + MarkedText.Of("\"");
            case List<object?> list:
                return Enclosed("[", "]", [.. list.Select(item => Json(item, indent, level + 1))]);
            case JinjaMap map:
                return Enclosed("{", "}",
                    [.. map.Select(
                        entry => Json(MarkedText.Of(entry.Key), indent, level) + MarkedText.Of(": ") + Json(entry.Value, indent, level + 1))]);
            default:
                return Print(value);
        }

        MarkedText Enclosed(string open, string close, MarkedText[] items)
        {
            if (items.Length == 0) return MarkedText.Of(open + close);
            string Line(int depth) => indent is null ? "" : "\n" + new string(' ', (int)indent.Value * depth);
            return MarkedText.Of(open + Line(level + 1)) + MarkedText.Join(MarkedText.Of(indent is null ? ", " : "," + Line(level + 1)), items)
                + MarkedText.Of(Line(level) + close);
        }

        static string Escaped(char c) => c switch
        {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\b' => "\\b",
            '\f' => "\\f",
            < ' ' => $"\\u{(int)c:x4}",
            _ => c.ToString(),
        };
    }

    private static JinjaException TooDeep() => new("has values that are nested too deeply");

    public static string Named(object? value) => value switch
    {
        null => "none",
        Undefined undefined => $"'{undefined.Name}', which is not there",
        bool => "truth value",
        long or double => "number",
        MarkedText => "text",
        JinjaMap => "mapping",
        JinjaFunction => "function",
        _ => "list",
    };
}
