using System.Globalization;
using System.Reflection;
using System.Reflection.Metadata;

namespace Titer.Runtime.Plugins.Metadata;

/// <summary>Reads an options record's schema from metadata: names from the parameter table, defaults from the constant table, ranges from attributes.</summary>
internal sealed class OptionsReader(AssemblyFile plugin, AssemblyFile sdk)
{
    private const string Supported = "Options are bool, int, long, double, string, an enum, or IReadOnlyList<string>, each with a default value.";

    private readonly MetadataReader _reader = plugin.Reader;

    /// <param name="recordType">A type of the plugin's assembly.</param>
    public (OptionsSchema Schema, IReadOnlyList<PluginProblem> Problems) Read(TypeDefinitionHandle recordType)
    {
        var record = _reader.GetTypeDefinition(recordType);
        var name = TypeName.Of(_reader, recordType);
        var constructors = record.GetMethods().Select(_reader.GetMethodDefinition).Where(IsPublicConstructor).ToArray();
        if (constructors.Length != 1)
            return (OptionsSchema.Empty, [Problem($"The options record '{name}' has {constructors.Length} public constructors.", "Leave the one of its positional parameters.")]);

        var types = constructors[0].DecodeSignature(SignatureText.Instance, null).ParameterTypes;
        var parameters = constructors[0].GetParameters().Select(_reader.GetParameter).Where(p => p.SequenceNumber > 0).OrderBy(p => p.SequenceNumber).ToArray();
        var fields = new List<OptionField>();
        var problems = new List<PluginProblem>();
        foreach (var (parameter, type) in parameters.Zip(types))
        {
            var parameterName = _reader.GetString(parameter.Name);
            if (parameter.GetDefaultValue().IsNil)
                problems.Add(Problem($"Option '{parameterName}' of '{name}' has no default value.", "Give it one: a plugin named without options must play."));
            else if (Field(record, parameter, parameterName, type) is { } field)
                fields.Add(field);
            else
                problems.Add(Problem($"Option '{parameterName}' of '{name}' is of type {type}.", Supported));
        }

        return (new OptionsSchema(fields), problems);
    }

    private OptionField? Field(TypeDefinition record, Parameter parameter, string name, string type)
    {
        var value = plugin.ConstantOf(parameter.GetDefaultValue());
        var choices = plugin.EnumNames(type) ?? sdk.EnumNames(type);
        if (choices is not null)
        {
            var number = Convert.ToInt64(value, CultureInfo.InvariantCulture);
            // A default that is a combination of flags has no name of its own.
            if (choices.All(c => c.Key != number)) return null;
            return NewField(OptionType.Choice, SnakeCase.Of(choices.First(c => c.Key == number).Value), [.. choices.Select(c => SnakeCase.Of(c.Value))]);
        }

        return type switch
        {
            "System.Boolean" => NewField(OptionType.Flag, OptionText.OfConstant(value), []),
            "System.Int32" => NewField(OptionType.WholeNumber, OptionText.OfConstant(value), []),
            "System.Int64" => NewField(OptionType.LongWholeNumber, OptionText.OfConstant(value), []),
            "System.Double" => NewField(OptionType.Number, OptionText.OfConstant(value), []),
            "System.String" => NewField(OptionType.Text, OptionText.OfConstant(value), []),
            "System.String[]" or "System.Collections.Generic.IReadOnlyList`1<System.String>" => NewField(OptionType.TextList, "", []),
            _ => null,
        };

        OptionField NewField(OptionType optionType, string text, IReadOnlyList<string> allowed)
        {
            var (minimum, maximum) = Range(record, parameter, name);
            return new OptionField(SnakeCase.Of(name), optionType, text, minimum, maximum, allowed, Description(record, parameter, name));
        }
    }

    private (double? Minimum, double? Maximum) Range(TypeDefinition record, Parameter parameter, string name)
    {
        var range = Attributes(record, parameter, name, "System.ComponentModel.DataAnnotations.RangeAttribute").Select(a => a.FixedArguments).FirstOrDefault();
        // The third form is (type, text, text).
        return range switch
        {
            { IsDefaultOrEmpty: true } => (null, null),
            [var low, var high] => (Number(low.Value), Number(high.Value)),
            [_, var low, var high] => (Number(low.Value), Number(high.Value)),
            _ => (null, null),
        };

        static double? Number(object? value) => double.TryParse(Convert.ToString(value, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private string Description(TypeDefinition record, Parameter parameter, string name) =>
        Attributes(record, parameter, name, "System.ComponentModel.DescriptionAttribute")
            .Select(a => a.FixedArguments.Length > 0 ? a.FixedArguments[0].Value as string : null).FirstOrDefault() ?? "";

    // On the parameter, or with [property: ...] on the property that the compiler makes of it.
    private IEnumerable<CustomAttributeValue<string>> Attributes(TypeDefinition record, Parameter parameter, string name, string attribute) =>
        plugin.Attributes(parameter.GetCustomAttributes(), attribute).Concat(
            record.GetProperties().Select(_reader.GetPropertyDefinition)
                .Where(p => _reader.StringComparer.Equals(p.Name, name))
                .SelectMany(p => plugin.Attributes(p.GetCustomAttributes(), attribute)));

    private bool IsPublicConstructor(MethodDefinition method) =>
        method.Attributes.HasFlag(MethodAttributes.Public) && !method.Attributes.HasFlag(MethodAttributes.Static)
        && _reader.StringComparer.Equals(method.Name, ".ctor");

    private static PluginProblem Problem(string fact, string fix) => new(PluginProblemCode.OptionsShape, fact, fix);
}
