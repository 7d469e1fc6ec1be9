using System.Globalization;

namespace Titer.Plugins;

/// <summary>The one way to write an option's value: invariant culture, shortest digits that read back
/// the same. Equal settings are equal texts.</summary>
internal static class OptionText
{
    public static string Of(double value)
    {
        // 0.0001 rather than 1E-04, as people write it; both read back as the same number.
        var text = Math.Abs(value) is >= 1e-7 and < 1e15 ? value.ToString("0.############################", CultureInfo.InvariantCulture) : "";
        return text.Length > 0 && double.Parse(text, CultureInfo.InvariantCulture) == value
            ? text
            : value.ToString("R", CultureInfo.InvariantCulture);
    }

    /// <summary>Canonical text of a constant as metadata has it; enums are written by the caller.</summary>
    public static string OfConstant(object? value) => value switch
    {
        null => "",
        bool b => b ? "true" : "false",
        double d => Of(d),
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>Reads a text as a value of the field's type: bool, int, long, double, string or string[]; null when it is none.</summary>
    public static object? Parse(OptionType type, string text) => type switch
    {
        OptionType.Flag => bool.TryParse(text, out var value) ? value : null,
        OptionType.WholeNumber => ParseWhole(text) is { } value and >= int.MinValue and <= int.MaxValue ? (int)value : null,
        OptionType.LongWholeNumber => ParseWhole(text),
        OptionType.Number =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null,
        OptionType.TextList => TextListSyntax.Split(text),
        _ => text,
    };

    /// <summary>Canonical form of a value from <see cref="Parse"/>.</summary>
    public static string Canonical(object value) => value is string[] list ? TextListSyntax.Join(list) : OfConstant(value);

    /// <summary>Whether a value from <see cref="Parse"/> is a number that the field does not allow.</summary>
    public static bool IsOutOfRange(OptionField field, object? value)
    {
        var number = value switch { int i => i, long l => l, double d => d, _ => (double?)null };
        return number < field.Minimum || number > field.Maximum;
    }

    /// <summary>Whether two names of a choice are the same but for case and underscores.</summary>
    public static bool SameChoice(string left, string right) =>
        left.Replace("_", "", StringComparison.Ordinal).Equals(right.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);

    // 1e3 and 1000.0 are whole numbers too: YAML writers use both.
    private static long? ParseWhole(string text)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)) return value;
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && decimal.Truncate(number) == number && number is >= long.MinValue and <= long.MaxValue ? (long)number : null;
    }
}
