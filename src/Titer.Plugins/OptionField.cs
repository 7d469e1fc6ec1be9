namespace Titer.Plugins;

public enum OptionType
{
    /// <summary>bool.</summary>
    Flag,

    /// <summary>int.</summary>
    WholeNumber,

    /// <summary>long.</summary>
    LongWholeNumber,

    /// <summary>double.</summary>
    Number,

    /// <summary>string.</summary>
    Text,

    /// <summary>An enum.</summary>
    Choice,

    /// <summary>Strings.</summary>
    TextList,
}

/// <summary>One option of a plugin.</summary>
/// <param name="Name">As in files: snake_case.</param>
/// <param name="Default">Canonical text.</param>
/// <param name="Minimum">Smallest allowed value; null means no limit.</param>
/// <param name="Maximum">Largest allowed value; null means no limit.</param>
/// <param name="AllowedValues">For choices; empty for every other type.</param>
public sealed record OptionField(
    string Name, OptionType Type, string Default, double? Minimum, double? Maximum, IReadOnlyList<string> AllowedValues, string Description)
{
    /// <summary>For people: <c>number in [0, 10]</c>.</summary>
    public string Expectation => Type switch
    {
        OptionType.Flag => "true or false",
        OptionType.WholeNumber or OptionType.LongWholeNumber => $"a whole number{Interval}",
        OptionType.Number => $"a number{Interval}",
        OptionType.Choice => $"one of {string.Join(", ", AllowedValues)}",
        OptionType.TextList => "a list of texts, separated by commas",
        _ => "a text",
    };

    private string Interval => (Minimum, Maximum) switch
    {
        (null, null) => "",
        ({ } low, null) => $" of at least {OptionText.Of(low)}",
        (null, { } high) => $" of at most {OptionText.Of(high)}",
        ({ } low, { } high) => $" in [{OptionText.Of(low)}, {OptionText.Of(high)}]",
    };
}
