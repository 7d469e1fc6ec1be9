namespace Titer.Scenarios.Data.Jinja;

/// <summary>Functions that every template has. There is no clock among them: what a subject is asked must not depend on the day.</summary>
internal static class JinjaGlobals
{
    private const int LongestRange = 100_000;

    private static readonly Dictionary<string, JinjaFunction> Functions = new(StringComparer.Ordinal)
    {
        ["raise_exception"] =
            (positional, _) => throw new JinjaException($"says: {(positional is [MarkedText text, ..] ? text.Printed : "no")}", isRaised: true),
        ["namespace"] = (_, named) => Filled(new JinjaMap { IsNamespace = true }, named),
        ["dict"] = (_, named) => Filled([], named),
        ["range"] = (positional, _) => Range(positional),
    };

    public static JinjaFunction? Find(string name) => Functions.GetValueOrDefault(name);

    private static JinjaMap Filled(JinjaMap map, IReadOnlyDictionary<string, object?> entries)
    {
        foreach (var (name, value) in entries) map[name] = value;
        return map;
    }

    private static List<object?> Range(IReadOnlyList<object?> bounds)
    {
        long[] numbers = [.. bounds.Select(bound => JinjaValues.Whole(bound, "a range"))];
        var (start, stop, step) = numbers switch
        {
            [var end] => (0, end, 1),
            [var from, var to] => (from, to, 1),
            [var from, var to, var by and not 0] => (from, to, by),
            _ => throw new JinjaException("has a range that is none"),
        };
        var items = new List<object?>();
        for (var i = start; step > 0 ? i < stop : i > stop; i += step)
        {
            if (items.Count == LongestRange) throw new JinjaException("has a range that is too long");
            items.Add(i);
        }

        return items;
    }
}
