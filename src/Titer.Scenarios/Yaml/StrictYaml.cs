using System.Globalization;
using Titer.Sdk.Naming;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Titer.Scenarios.Yaml;

/// <summary>
/// One value of a YAML file, read strictly: unknown and duplicate keys, wrong types and numbers out of range are errors with line and column.
/// It is a cursor over the parsed nodes and not a deserializer, so every value keeps its place for later checks, and an entry may have
/// more than one form.
/// </summary>
/// <remarks>All members throw <see cref="YamlProblemException"/> and nothing else for what the file's author can get wrong.</remarks>
public sealed class StrictYaml
{
    private readonly string _file;
    private readonly YamlNode? _node;

    /// <summary>In place of a node: what is asked of it is noted.</summary>
    private readonly YamlShape? _shape;

    private StrictYaml(string file, YamlNode node) => (_file, _node) = (file, node);

    private StrictYaml(YamlShape shape) => (_file, _shape) = ("", shape);

    public long Line => _node?.Start.Line ?? 0;

    public long Column => _node?.Start.Column ?? 0;

    /// <summary>No value of a file, but what a file's values may be is learnt: a check of what was read together means nothing here.</summary>
    public bool IsShape => _shape is not null;

    public bool IsMapping => _shape?.Decide() ?? _node is YamlMappingNode;

    public bool IsList => _shape?.Decide() ?? _node is YamlSequenceNode;

    /// <summary>A mapping that has one of these keys at least.</summary>
    public bool HasAny(params string[] keys) => _shape?.Decide() ?? (_node is YamlMappingNode && Map().Keys.Any(keys.Contains));

    /// <summary>What a reader takes, learnt by having it read: every key, kind of value and bound that it asks for.</summary>
    public static YamlShape ShapeOf(Action<StrictYaml> read)
    {
        var shape = new YamlShape();
        shape.Explore(() => read(new StrictYaml(shape)));
        return shape;
    }

    public static StrictYaml Read(string file)
    {
        if (!System.IO.File.Exists(file)) throw Refuse(file, 0, 0, "TITER510 There is no such file. Check the path.");
        return Parse(file, System.IO.File.ReadAllText(file));
    }

    /// <param name="file">Only for messages.</param>
    /// <summary>A table that came with an assembly.</summary>
    /// <param name="type">Of the assembly, in whose namespace the table lies.</param>
    /// <param name="name">Of the file.</param>
    public static StrictYaml Embedded(Type type, string name)
    {
        ArgumentNullException.ThrowIfNull(type);
        using var reader = new StreamReader(type.Assembly.GetManifestResourceStream($"{type.Namespace}.{name}")!);
        return Parse(name, reader.ReadToEnd());
    }

    public static StrictYaml Parse(string file, string text)
    {
        if (YamlExtent.Problem(text) is { } place) throw Refuse(file, place.Line, place.Column, $"TITER511 {place.Fact}");
        var stream = new YamlStream();
        var parser = new Parser(new StringReader(text));
        try
        {
            stream.Load(parser);
        }
        catch (YamlException e)
        {
            throw Refuse(file, e.Start.Line, e.Start.Column, $"TITER511 Not valid YAML: {Reason(e)}", e);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // YamlDotNet 18.1 throws these, without a place, for some texts (a list that is not closed before the next key); the last event is near.
            var (line, column) = parser.Current is { } last ? (last.End.Line, last.End.Column) : (1, 1);
            throw Refuse(file, line, column, "TITER511 Not valid YAML: what follows cannot be read. Is a bracket, a brace or a quote not closed?",
                e);
        }

        return stream.Documents.Count switch
        {
            0 => throw Refuse(file, 1, 1, "TITER511 The file is empty. Write its keys."),
            1 => new StrictYaml(file, stream.Documents[0].RootNode),
            _ => throw Refuse(file, stream.Documents[1].RootNode.Start.Line, 1, "TITER511 The file has a second document. Remove it and its '---'."),
        };
    }

    /// <summary>Entries of a mapping in the order of the file; every key must be among <paramref
    /// name="known"/>, or any when none are named.</summary>
    public IReadOnlyDictionary<string, StrictYaml> Map(params string[] known)
    {
        if (_shape is not null) return new ShapeEntries(_shape, known, static shape => new StrictYaml(shape));
        if (_node is not YamlMappingNode mapping)
            throw Problem($"TITER513 Expected a mapping{(known.Length > 0 ? $" with the keys {string.Join(", ", known)}" : "")}, found {Found()}.");
        var entries = new OrderedDictionary<string, StrictYaml>();
        foreach (var (key, value) in mapping)
        {
            var name = new StrictYaml(_file, key).Text();
            if (known.Length > 0 && !known.Contains(name))
            {
                var nearest = NearestName.Of(name, known) is { } near ? $" Did you mean '{near}'?" : "";
                throw new StrictYaml(_file, key).Problem($"TITER512 Unknown key '{name}'.{nearest} Known keys: {string.Join(", ", known)}.");
            }

            entries.Add(name, new StrictYaml(_file, value));
        }

        return entries;
    }

    /// <summary>
    /// A mapping whose entries, in the order of the file, change a value one after the other. Keys that are known are those that have a reader:
    /// there is no second list to forget one in.
    /// </summary>
    public T Fold<T>(T start, params (string Key, Func<T, StrictYaml, T> Read)[] known)
    {
        if (_shape is not null)
        {
            foreach (var (key, read) in known)
            {
                var child = _shape.Key(key);
                child.Explore(() => read(start, new StrictYaml(child)));
            }

            return start;
        }

        var readers = known.ToDictionary(k => k.Key, k => k.Read, StringComparer.Ordinal);
        return Map([.. known.Select(k => k.Key)]).Aggregate(start, (value, entry) => readers[entry.Key](value, entry.Value));
    }

    /// <summary>The value of a key that must be there.</summary>
    /// <param name="entries">Those of this mapping.</param>
    /// <param name="message">Code, fact and fix for when it is not.</param>
    public StrictYaml Required(IReadOnlyDictionary<string, StrictYaml> entries, string key, string message)
    {
        if (_shape is not null)
        {
            _shape.Require(key);
            return entries[key];
        }

        return entries.TryGetValue(key, out var value) ? value : throw Problem(message);
    }

    public IReadOnlyList<StrictYaml> List() => _shape is not null ? [new StrictYaml(_shape.Item())] : _node is YamlSequenceNode list
        ? [.. list.Select(item => new StrictYaml(_file, item))]
        : throw Problem($"TITER513 Expected a list, for example [1, 2, 3], found {Found()}.");

    /// <param name="known">The texts that the caller takes, where they are few: it refuses others itself.</param>
    public string Text(IEnumerable<string>? known = null) => _shape is not null ? _shape.Text(known)
        : _node is YamlScalarNode { Value: { Length: > 0 } text }
        ? text
        : throw Problem($"TITER513 Expected a text, found {Found()}.");

    /// <summary>True or false.</summary>
    public bool Flag() => Text(["true", "false"]) switch
    {
        "true" => true,
        "false" => false,
        var other => throw Problem($"TITER513 Expected true or false, found '{other}'."),
    };

    /// <summary>A text that may be empty.</summary>
    public string AnyText() => _shape is not null ? _shape.Text(null)
        : _node is YamlScalarNode { Value: { } text } ? text : throw Problem($"TITER513 Expected a text, found {Found()}.");

    /// <summary>A number in [<paramref name="minimum"/>, <paramref name="maximum"/>]; a quoted one is a text.</summary>
    public double Number(double minimum, double maximum) => _shape is not null ? _shape.Number(minimum, maximum, isWhole: false)
        : _node is YamlScalarNode { Style: ScalarStyle.Plain } scalar
            && double.TryParse(scalar.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number >= minimum && number <= maximum ? number : throw OutOfRange(number, minimum, maximum)
            : throw Problem($"TITER513 Expected a number, found {Found()}.");

    /// <inheritdoc cref="Number"/>
    public long Whole(long minimum, long maximum) => _shape is not null ? (long)_shape.Number(minimum, maximum, isWhole: true)
        : _node is YamlScalarNode { Style: ScalarStyle.Plain } scalar
            && long.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number >= minimum && number <= maximum ? number : throw OutOfRange(number, minimum, maximum)
            : throw Problem($"TITER513 Expected a whole number, found {Found()}.");

    /// <summary>A refusal that points at this value.</summary>
    /// <param name="message">Code, fact and fix.</param>
    public YamlProblemException Problem(string message) => Refuse(_file, Line, Column, message);

    private YamlProblemException OutOfRange(double number, double minimum, double maximum) =>
        Problem(FormattableString.Invariant($"TITER514 {number} is not between {minimum} and {maximum}."));

    private string Found() => _node switch
    {
        YamlMappingNode => "a mapping",
        YamlSequenceNode => "a list",
        YamlScalarNode { Value: { Length: > 0 } text } => $"'{text}'",
        _ => "nothing",
    };

    /// <summary>The library wraps some parser errors in one that only says that something failed.</summary>
    private static string Reason(YamlException e) => (e.InnerException ?? e).Message.ReplaceLineEndings(" ").TrimEnd('.') + ".";

    private static YamlProblemException Refuse(string file, long line, long column, string message, Exception? inner = null) =>
        new(new YamlProblem(file, line, column, message), inner);
}
