namespace Titer.Scenarios.Data.Jinja;

/// <summary>What may stand behind <c>is</c>.</summary>
internal static class JinjaTests
{
    public static bool Holds(string name, object? value, IReadOnlyList<object?> arguments) => name switch
    {
        "defined" => value is not Undefined,
        "undefined" => value is Undefined,
        "none" => value is null,
        "string" => value is MarkedText,
        "number" => value is long or double or bool,
        "integer" => value is long,
        "float" => value is double,
        "boolean" => value is bool,
        "true" => value is true,
        "false" => value is false,
        "mapping" => value is JinjaMap,
        "sequence" or "iterable" => value is List<object?> or MarkedText or JinjaMap or Undefined,
        "callable" => value is JinjaFunction,
        "odd" => JinjaValues.Whole(value, "a test for odd") % 2 != 0,
        "even" => JinjaValues.Whole(value, "a test for even") % 2 == 0,
        "divisibleby" => JinjaValues.Whole(value, "a division") % JinjaValues.Whole(arguments[0], "a division") == 0,
        "in" => JinjaValues.Contains(arguments[0], value),
        "eq" or "equalto" or "==" or "sameas" => JinjaValues.Equals(value, arguments[0]),
        "ne" or "!=" => !JinjaValues.Equals(value, arguments[0]),
        "lt" or "lessthan" or "<" => JinjaValues.Compare(value, arguments[0]) < 0,
        "le" or "<=" => JinjaValues.Compare(value, arguments[0]) <= 0,
        "gt" or "greaterthan" or ">" => JinjaValues.Compare(value, arguments[0]) > 0,
        "ge" or ">=" => JinjaValues.Compare(value, arguments[0]) >= 0,
        "lower" => JinjaValues.Text(value, "a test for lower").Text is var text && text.Any(char.IsLower) && !text.Any(char.IsUpper),
        "upper" => JinjaValues.Text(value, "a test for upper").Text is var text && text.Any(char.IsUpper) && !text.Any(char.IsLower),
        _ => throw new JinjaException($"has the test '{name}', which is not known"),
    };
}
