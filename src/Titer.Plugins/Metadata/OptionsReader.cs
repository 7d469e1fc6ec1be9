using System.Globalization;
using System.Reflection;
using System.Reflection.Metadata;
using Titer.Files;

namespace Titer.Plugins.Metadata;

/// <summary>Reads an options record's schema from metadata: names from the parameter table, defaults from
/// the constant table, ranges from attributes.</summary>
internal sealed class OptionsReader(AssemblyFile plugin, AssemblyFile sdk)
{
    private const string Supported = "Options are bool, int, long, double, string, an enum, or IReadOnlyList<string>, each with a default value.";

    private const int MostDescriptionCharacters = 2000;

    private readonly MetadataReader _reader = plugin.Reader;

    /// <param name="recordType">A type of the plugin's assembly.</param>
    public (OptionsSchema Schema, IReadOnlyList<PluginProblem> Problems) Read(TypeDefinitionHandle recordType)
    {
        var record = _reader.GetTypeDefinition(recordType);
        var name = TypeName.Of(_reader, recordType);
        var constructors = record.GetMethods().Select(_reader.GetMethodDefinition).Where(IsPublicConstructor).ToArray();
        if (constructors.Length != 1)
            return (OptionsSchema.Empty, [Problem($"The options record '{name}' has {constructors.Length} public constructors.",
                "Leave the one of its positional parameters.")]);

        var types = constructors[0].DecodeSignature(SignatureText.Instance, null).ParameterTypes;
        var parameters = constructors[0].GetParameters().Select(_reader.GetParameter).Where(p => p.SequenceNumber > 0).OrderBy(p => p.SequenceNumber)
            .ToArray();
        var fields = new List<OptionField>();
        var problems = new List<PluginProblem>();
        foreach (var (parameter, type) in parameters.Zip(types))
        {
            var parameterName = _reader.GetString(parameter.Name);
            var choices = plugin.EnumNames(type) ?? sdk.EnumNames(type);
            if ((choices is null ? TypeOf(type) : OptionType.Choice) is not { } optionType)
                problems.Add(Problem($"Option '{parameterName}' of '{name}' is of type {type}.", Supported));
            else if (parameter.GetDefaultValue().IsNil)
                problems.Add(Problem($"Option '{parameterName}' of '{name}' has no default value.",
                    "Give it one: a plugin named without options must play."));
            else if (DefaultOf(parameter, choices) is not { } text)
                problems.Add(
                    Problem($"The default of option '{parameterName}' of '{name}' is no single member of {type}.", "Use one of its members."));
            else
            {
                var field = NewField(record, parameter, optionType, text, choices);
                fields.Add(field);
                // What a tournament file may not set must not be played by leaving it out.
                if (OptionText.IsOutOfRange(field, OptionText.Parse(optionType, text)))
                    problems.Add(Problem($"The default of option '{parameterName}' of '{name}' is {text}, out of its own range.",
                        $"Write {field.Expectation}, or widen the range."));
            }
        }

        return (new OptionsSchema(fields), problems);
    }

    private static OptionType? TypeOf(string type) => type switch
    {
        "System.Boolean" => OptionType.Flag,
        "System.Int32" => OptionType.WholeNumber,
        "System.Int64" => OptionType.LongWholeNumber,
        "System.Double" => OptionType.Number,
        "System.String" => OptionType.Text,
        "System.String[]" or "System.Collections.Generic.IReadOnlyList`1<System.String>" => OptionType.TextList,
        _ => null,
    };

    private string? DefaultOf(Parameter parameter, IReadOnlyList<KeyValuePair<long, string>>? choices)
    {
        var value = plugin.ConstantOf(parameter.GetDefaultValue());
        if (choices is null) return OptionText.OfConstant(value);
        // A combination of flags has no name of its own.
        var number = AssemblyFile.EnumValue(value);
        return choices.Where(c => c.Key == number).Select(c => NameOf(c.Value)).FirstOrDefault();
    }

    private OptionField NewField(TypeDefinition record, Parameter parameter, OptionType type, string text,
        IReadOnlyList<KeyValuePair<long, string>>? choices)
    {
        var name = _reader.GetString(parameter.Name);
        var (minimum, maximum) = Range(record, parameter, name);
        return new OptionField(NameOf(name), type, text, minimum, maximum, [.. (choices ?? []).Select(c => NameOf(c.Value))],
            Description(record, parameter, name));
    }

    private (double? Minimum, double? Maximum) Range(TypeDefinition record, Parameter parameter, string name)
    {
        var range = Attributes(record, parameter, name, "System.ComponentModel.DataAnnotations.RangeAttribute").Select(a => a.FixedArguments)
            .FirstOrDefault();
        // The third form is (type, text, text).
        return range switch
        {
            { IsDefaultOrEmpty: true } => (null, null),
            [var low, var high] => (Number(low.Value), Number(high.Value)),
            [_, var low, var high] => (Number(low.Value), Number(high.Value)),
            _ => (null, null),
        };

        static double? Number(object? value) =>
            double.TryParse(Convert.ToString(value, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private string Description(TypeDefinition record, Parameter parameter, string name) =>
        Attributes(record, parameter, name, "System.ComponentModel.DescriptionAttribute")
            .Select(a => a.FixedArguments.Length > 0 ? a.FixedArguments[0].Value as string : null).FirstOrDefault() is { } text
                ? VisibleText.OnOneLine(text, MostDescriptionCharacters)
                : "";

    // On the parameter, or with [property: ...] on the property that the compiler makes of it.
    private IEnumerable<CustomAttributeValue<string>> Attributes(TypeDefinition record, Parameter parameter, string name, string attribute) =>
        plugin.Attributes(parameter.GetCustomAttributes(), attribute).Concat(
            record.GetProperties().Select(_reader.GetPropertyDefinition)
                .Where(p => _reader.StringComparer.Equals(p.Name, name))
                .SelectMany(p => plugin.Attributes(p.GetCustomAttributes(), attribute)));

    private bool IsPublicConstructor(MethodDefinition method) =>
        method.Attributes.HasFlag(MethodAttributes.Public) && !method.Attributes.HasFlag(MethodAttributes.Static)
        && _reader.StringComparer.Equals(method.Name, ".ctor");

    private static string NameOf(string name) => VisibleText.OnOneLine(SnakeCase.Of(name));

    private static PluginProblem Problem(string fact, string fix) => new(PluginProblemCode.OptionsShape, fact, fix);
}
