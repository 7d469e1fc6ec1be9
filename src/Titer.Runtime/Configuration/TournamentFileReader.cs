using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Titer.Runtime.Configuration;

/// <summary>
/// Reads a tournament file strictly: an unknown key, a duplicate key or a value of the wrong type is an error with line and column. It
/// walks the YAML nodes, since an entrant may be a bare id or a mapping, and every option keeps its position for later checks.
/// </summary>
public sealed class TournamentFileReader
{
    private readonly string _path;

    private TournamentFileReader(string path) => _path = path;

    /// <exception cref="ConfigurationException">The file is missing, not YAML, or not a tournament.</exception>
    public static TournamentFile Read(string path)
    {
        if (!File.Exists(path)) throw new ConfigurationException(path, 0, 0, "TITER601 There is no such tournament file. Check the path, or leave it out to play the embedded tournament.");
        return Parse(path, File.ReadAllText(path));
    }

    public static TournamentFile Parse(string path, string text)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            throw new ConfigurationException(path, (int)e.Start.Line, (int)e.Start.Column, $"TITER602 Not valid YAML: {(e.InnerException ?? e).Message}");
        }

        var reader = new TournamentFileReader(path);
        return yaml.Documents.Count == 0 ? new TournamentFile { Path = path } : reader.Tournament(yaml.Documents[0].RootNode);
    }

    private TournamentFile Tournament(YamlNode root)
    {
        var file = new TournamentFile { Path = _path };
        foreach (var (key, value) in Entries(root, "name", "scenario", "seeds", "budget", "defenses", "attacks", "plugins"))
        {
            file = key switch
            {
                "name" => file with { Name = Name(value) },
                "scenario" => file with { Scenario = Text(value) },
                "seeds" => file with { Seeds = Seeds(value) },
                "budget" => Budget(file, value),
                "defenses" => file with { Defenses = [.. Items(value).Select(Entrant)] },
                "attacks" => file with { Attacks = [.. Items(value).Select(Entrant)] },
                _ => file with { Plugins = [.. Items(value).Select(v => Text(v).Value)] },
            };
        }

        return file;
    }

    private string Name(YamlNode node)
    {
        var name = Text(node).Value;
        return name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && name[0] != '.'
            ? name
            : throw Problem(node, $"TITER605 '{name}' is not a run name. Use 1 to 64 letters, digits, '-', '_' or '.': it becomes a folder.");
    }

    private int[] Seeds(YamlNode node)
    {
        var seeds = Items(node).Select(n => (int)Number(n, 0, int.MaxValue, whole: true)).ToArray();
        if (seeds.Length == 0) throw Problem(node, "TITER605 'seeds' is empty. Give at least one; three or more make intervals meaningful.");
        return seeds.Distinct().Count() == seeds.Length ? seeds : throw Problem(node, "TITER605 A seed occurs twice. Every seed is a repetition of its own.");
    }

    private TournamentFile Budget(TournamentFile file, YamlNode node)
    {
        foreach (var (key, value) in Entries(node, "attack", "defense"))
            file = key == "attack" ? file with { Attack = Side(value) } : file with { Defense = Side(value) };
        return file;
    }

    private BudgetEntry Side(YamlNode node)
    {
        var entry = new BudgetEntry();
        foreach (var (key, value) in Entries(node, "steps", "samples", "seconds"))
        {
            entry = key switch
            {
                "steps" => entry with { Steps = (int)Number(value, 1, 10_000_000, whole: true) },
                "samples" => entry with { Samples = (long)Number(value, 1, 1e12, whole: true) },
                _ => entry with { Seconds = Number(value, 0.1, 1e7, whole: false) },
            };
        }

        return entry;
    }

    private EntrantEntry Entrant(YamlNode node)
    {
        if (node is YamlScalarNode) return new EntrantEntry { Id = Text(node) };
        Positioned<string>? id = null;
        var set = new Dictionary<string, Positioned<string>>();
        var sweep = new Dictionary<string, IReadOnlyList<Positioned<string>>>();
        foreach (var (key, value) in Entries(node, "id", "set", "sweep"))
        {
            if (key == "id") id = Text(value);
            else if (key == "set")
                foreach (var (option, setting) in Entries(value)) set.Add(option, OptionValue(setting));
            else
                foreach (var (option, settings) in Entries(value)) sweep.Add(option, [.. Items(settings).Select(OptionValue)]);
        }

        return new EntrantEntry { Id = id ?? throw Problem(node, "TITER604 The key 'id' is missing. Name the plugin: { id: repnoise }."), Set = set, Sweep = sweep };
    }

    /// <summary>A scalar, or a list of scalars as comma-separated text.</summary>
    private Positioned<string> OptionValue(YamlNode node) => node is YamlSequenceNode list
        ? new Positioned<string>(string.Join(',', list.Select(n => Text(n).Value)), (int)node.Start.Line, (int)node.Start.Column)
        : Text(node);

    private IEnumerable<(string Key, YamlNode Value)> Entries(YamlNode node, params string[] known)
    {
        if (node is not YamlMappingNode mapping) throw Problem(node, $"TITER604 Expected a mapping{(known.Length > 0 ? $" with the keys {string.Join(", ", known)}" : "")}.");
        foreach (var (key, value) in mapping)
        {
            var name = Text(key).Value;
            if (known.Length > 0 && !known.Contains(name))
                throw Problem(key, $"TITER603 Unknown key '{name}'.{Suggestion.For(name, known)} Known keys: {string.Join(", ", known)}.");
            yield return (name, value);
        }
    }

    private YamlSequenceNode Items(YamlNode node) =>
        node as YamlSequenceNode ?? throw Problem(node, "TITER604 Expected a list, for example [1, 2, 3].");

    private Positioned<string> Text(YamlNode node) => node is YamlScalarNode { Value: { Length: > 0 } text }
        ? new Positioned<string>(text, (int)node.Start.Line, (int)node.Start.Column)
        : throw Problem(node, "TITER604 Expected a single value.");

    private double Number(YamlNode node, double minimum, double maximum, bool whole)
    {
        var text = Text(node).Value;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || (whole && number != Math.Floor(number)))
            throw Problem(node, $"TITER604 '{text}' is not a {(whole ? "whole " : "")}number.");
        return number >= minimum && number <= maximum
            ? number
            : throw Problem(node, FormattableString.Invariant($"TITER605 {number} is not between {minimum} and {maximum}."));
    }

    private ConfigurationException Problem(YamlNode node, string message) => new(_path, (int)node.Start.Line, (int)node.Start.Column, message);
}
