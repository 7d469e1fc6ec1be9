using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Titer.Sdk.Naming;

namespace Titer.Plugins;

/// <summary>The options of a plugin, as its options record declares them. Pure data: works where the plugin is not loaded.</summary>
public sealed record OptionsSchema(IReadOnlyList<OptionField> Fields)
{
    public static OptionsSchema Empty { get; } = new([]);

    /// <summary>Checks settings: unknown names, wrong types, values out of range. Empty when all is well.</summary>
    public IReadOnlyList<PluginProblem> Check(IReadOnlyDictionary<string, string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return [.. values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => Check(v.Key, v.Value)).OfType<PluginProblem>()];
    }

    /// <summary>Checks one setting and writes it in canonical text.</summary>
    public bool TryCanonicalize(string name, string text, [NotNullWhen(true)] out string? canonical, [NotNullWhen(false)] out PluginProblem? problem)
    {
        problem = Check(name, text);
        canonical = problem is null ? Canonical(Fields.First(f => f.Name == name), text) : null;
        return problem is null;
    }

    /// <summary>The settings that differ from the defaults, in canonical text: what ids are made of. Only for checked settings.</summary>
    public ImmutableSortedDictionary<string, string> Canonical(IReadOnlyDictionary<string, string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return values
            .Select(v => (Field: Fields.First(f => f.Name == v.Key), v.Value))
            .Select(v => KeyValuePair.Create(v.Field.Name, Canonical(v.Field, v.Value)))
            .Where(v => v.Value != Fields.First(f => f.Name == v.Key).Default)
            .ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    /// <summary>Every option with its value in canonical text, defaults included. Only for checked settings.</summary>
    public ImmutableSortedDictionary<string, string> Resolve(IReadOnlyDictionary<string, string> values) =>
        Fields.ToImmutableSortedDictionary(f => f.Name, f => f.Default, StringComparer.Ordinal).SetItems(Canonical(values));

    private PluginProblem? Check(string name, string text)
    {
        var field = Fields.FirstOrDefault(f => f.Name == name);
        if (field is null) return Unknown(name);
        var value = OptionText.Parse(field.Type, text);
        if (value is null)
            return new(PluginProblemCode.OptionType, $"Option '{name}' is '{text}'.", $"Write {field.Expectation}.");
        if (field.Type == OptionType.Choice && !field.AllowedValues.Any(v => OptionText.SameChoice(v, text)))
            return new(PluginProblemCode.OptionValue, $"Option '{name}' is '{text}'.", $"Write {field.Expectation}.");
        if (OptionText.IsOutOfRange(field, value))
            return new(PluginProblemCode.OptionRange, $"Option '{name}' is {OptionText.Canonical(value)}, out of range.",
                $"Write {field.Expectation}.");
        return null;
    }

    private PluginProblem Unknown(string name)
    {
        var names = Fields.Select(f => f.Name).ToArray();
        var fix = names.Length == 0 ? "This plugin has no options: remove it."
            : Suggestion.For(name, names) is { Length: > 0 } suggestion ? suggestion.TrimStart()
            : $"Known options: {string.Join(", ", names)}.";
        return new(PluginProblemCode.OptionUnknown, $"There is no option '{name}'.", fix);
    }

    private static string Canonical(OptionField field, string text) => field.Type == OptionType.Choice
        ? field.AllowedValues.First(v => OptionText.SameChoice(v, text))
        : OptionText.Canonical(OptionText.Parse(field.Type, text)!);
}
