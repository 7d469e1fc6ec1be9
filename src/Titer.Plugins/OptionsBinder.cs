using System.Reflection;

namespace Titer.Plugins;

/// <summary>
/// Makes an options record from texts by plain reflection over its constructor. Nothing here is cached by type, and neither TypeDescriptor nor
/// Validator is used: both would keep a collectible plugin in memory.
/// </summary>
public static class OptionsBinder
{
    /// <param name="optionsType">A positional record; every parameter has a default.</param>
    /// <param name="values">Settings by snake_case name, checked by <see cref="OptionsSchema.Check"/>; what is absent keeps its default.</param>
    /// <exception cref="TargetInvocationException">The record's own constructor threw.</exception>
    public static object Bind(Type optionsType, IReadOnlyDictionary<string, string> values)
    {
        ArgumentNullException.ThrowIfNull(optionsType);
        ArgumentNullException.ThrowIfNull(values);
        var constructor = optionsType.GetConstructors().MaxBy(c => c.GetParameters().Length)
            ?? throw new ArgumentException($"'{optionsType.FullName}' has no public constructor.", nameof(optionsType));
        var arguments = constructor.GetParameters()
            .Select(p => values.TryGetValue(SnakeCase.Of(p.Name!), out var text) ? Read(p.ParameterType, p.Name!, text) : p.DefaultValue)
            .ToArray();
        return constructor.Invoke(arguments);
    }

    /// <summary>The record's values as canonical text, by snake_case name: what <see cref="Bind"/> would read back.</summary>
    internal static IReadOnlyDictionary<string, string> Texts(object options)
    {
        var type = options.GetType();
        var names = type.GetConstructors().MaxBy(c => c.GetParameters().Length)!.GetParameters().Select(p => p.Name!);
        return names.Select(type.GetProperty).OfType<PropertyInfo>()
            .ToDictionary(p => SnakeCase.Of(p.Name), p => Text(p.GetValue(options)), StringComparer.Ordinal);
    }

    private static string Text(object? value) => value switch
    {
        Enum choice => SnakeCase.Of(choice.ToString()),
        IEnumerable<string> list => TextListSyntax.Join(list),
        _ => OptionText.OfConstant(value),
    };

    private static object Read(Type type, string name, string text)
    {
        if (type.IsEnum)
            return Enum.Parse(type, Enum.GetNames(type).FirstOrDefault(n => OptionText.SameChoice(n, text)) ?? text);
        var kind = type == typeof(bool) ? OptionType.Flag
            : type == typeof(int) ? OptionType.WholeNumber
            : type == typeof(long) ? OptionType.LongWholeNumber
            : type == typeof(double) ? OptionType.Number
            : type == typeof(string) ? OptionType.Text
            : OptionType.TextList;
        return OptionText.Parse(kind, text) ?? throw new ArgumentException($"Option '{SnakeCase.Of(name)}' cannot be '{text}'.", nameof(text));
    }
}
