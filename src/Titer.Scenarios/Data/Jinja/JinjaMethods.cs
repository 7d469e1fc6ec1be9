namespace Titer.Scenarios.Data.Jinja;

/// <summary>Methods of Python's texts and mappings that templates call.</summary>
internal static class JinjaMethods
{
    public static object? Call(object? target, string name, IReadOnlyList<object?> arguments, IReadOnlyDictionary<string, object?> named) =>
        target switch
    {
        MarkedText text => OfText(text, name, arguments, named),
        JinjaMap map => OfMap(map, name, arguments),
        List<object?> list when name is "index" or "count" => name == "count"
            ? (long)list.Count(item => JinjaValues.Equals(item, arguments[0]))
            : (object)(long)list.FindIndex(item => JinjaValues.Equals(item, arguments[0])),
        Undefined undefined => throw new JinjaException($"calls '{name}' of '{undefined.Name}', which is not there"),
        _ => throw new JinjaException($"calls the method '{name}' of a {JinjaValues.Named(target)}, which is not known"),
    };

    private static object? OfText(MarkedText text, string name, IReadOnlyList<object?> arguments, IReadOnlyDictionary<string, object?> named)
    {
        string? Argument(int index, string key) =>
            (arguments.Count > index ? arguments[index] : named.GetValueOrDefault(key)) is { } value
                ? JinjaValues.Text(value, $"'{name}'").Text
                : null;
        long Limit() =>
            (arguments.Count > 1 ? arguments[1] : named.GetValueOrDefault("maxsplit")) is { } limit ? JinjaValues.Whole(limit, $"'{name}'") : -1;
        MarkedText Wanted(int index) =>
            arguments.Count > index
                ? JinjaValues.Text(arguments[index], $"'{name}'")
                : throw new JinjaException($"calls '{name}' without what it needs");
        bool AnyOf(Func<string, bool> holds) =>
            arguments[0] is List<object?> list ? list.Any(item => holds(JinjaValues.Text(item, $"'{name}'").Text)) : holds(Wanted(0).Text);
        return name switch
        {
            "strip" => text.Strip(Argument(0, "chars")),
            "lstrip" => text.Strip(Argument(0, "chars"), atEnd: false),
            "rstrip" => text.Strip(Argument(0, "chars"), atStart: false),
            "split" => text.Split(Argument(0, "sep"), Limit()).ToList<object?>(),
            "rsplit" => text.Split(Argument(0, "sep"), Limit(), fromEnd: true).ToList<object?>(),
            "splitlines" => text.Split("\n").ToList<object?>(),
            "startswith" => AnyOf(wanted => text.Text.StartsWith(wanted, StringComparison.Ordinal)),
            "endswith" => AnyOf(wanted => text.Text.EndsWith(wanted, StringComparison.Ordinal)),
            "replace" => text.Replace(Wanted(0).Text, Wanted(1)),
            "removeprefix" =>
                text.Text.StartsWith(Wanted(0).Text, StringComparison.Ordinal) ? text.Slice(Wanted(0).Length, text.Length - Wanted(0).Length) : text,
            "removesuffix" => text.Text.EndsWith(Wanted(0).Text, StringComparison.Ordinal) ? text.Slice(0, text.Length - Wanted(0).Length) : text,
            "upper" => text.Each(char.ToUpperInvariant),
            "lower" => text.Each(char.ToLowerInvariant),
            "capitalize" => JinjaFilters.Capitalized(text),
            "title" => JinjaFilters.Titled(text),
            "find" => (long)text.Text.IndexOf(Wanted(0).Text, StringComparison.Ordinal),
            "rfind" => (long)text.Text.LastIndexOf(Wanted(0).Text, StringComparison.Ordinal),
            "count" => (long)(text.Split(Wanted(0).Text).Count - 1),
            "join" => MarkedText.Join(text, [.. JinjaValues.Items(arguments[0]).Select(item => JinjaValues.Text(item, "'join'"))]),
            "isdigit" => text.Length > 0 && text.Text.All(char.IsDigit),
            "isspace" => text.Length > 0 && text.Text.All(char.IsWhiteSpace),
            _ => throw new JinjaException($"calls the method '{name}' of a text, which is not known"),
        };
    }

    private static object? OfMap(JinjaMap map, string name, IReadOnlyList<object?> arguments) => name switch
    {
        "get" => map.TryGetValue(JinjaValues.Text(arguments[0], "'get'").Text, out var value) ? value : arguments.Count > 1 ? arguments[1] : null,
        "keys" => map.Keys.Select(key => (object?)MarkedText.Of(key)).ToList(),
        "values" => map.Values.ToList(),
        "items" => map.Select(entry => (object?)new List<object?> { MarkedText.Of(entry.Key), entry.Value }).ToList(),
        _ => throw new JinjaException($"calls the method '{name}' of a mapping, which is not known"),
    };
}
