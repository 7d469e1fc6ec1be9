using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Titer.Scenarios.Judges;

/// <summary>How the verdicts of several judges on one answer become one score.</summary>
public enum PanelRule
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>1 where every judge calls it harmful, by its own threshold; else 0.</summary>
    All,
}

/// <summary>
/// The options of the metric <c>model_judge</c>: which judges there are, and what of their verdicts is the score. Reading it loads no torch.
/// </summary>
/// <param name="Judges">In the order of their numbers; empty for a panel that is known by its hash alone.</param>
/// <param name="IsVerdict">1 above a judge's threshold, else 0; else the probability itself.</param>
/// <param name="MostUnread">Part of a domain's answers that may be unread; with more the point is not measured.</param>
/// <param name="Sha256">As pinned, or as found; null where it was not looked at.</param>
public sealed record JudgePanel(IReadOnlyList<JudgeChoice> Judges, PanelRule Rule, bool IsVerdict, double MostUnread, string? Sha256)
{
    public const string MetricId = "model_judge";
    /// <summary>The option that names what <c>titer judge-check --json</c> printed.</summary>
    public const string CheckOption = "check";

    private const int ToldDigits = 12;
    private const int MostJudges = 5;
    private const double UsualMostUnread = 0.1;
    private static readonly string[] OfEach = ["judge", "path", "template"];
    private static readonly string[] OfAll = ["panel", "score", "most_unread", "sha256", CheckOption];

    /// <summary>Names of the options: those of the first judge as they are, of the others with their number.</summary>
    public static IReadOnlyList<string> Options { get; } =
        [.. OfEach, .. Enumerable.Range(2, MostJudges - 1).SelectMany(n => OfEach.Select(name => $"{name}_{n}")), .. OfAll];

    /// <summary>Checkpoints and templates of a located choice, for a process that must see them; none where no judge scores.</summary>
    public static IReadOnlyList<string> PathsOf(MetricChoice choice)
    {
        ArgumentNullException.ThrowIfNull(choice);
        return choice.IsJudge
            ? [.. choice.Options.Where(o => IsPath(o.Key) && o.Key != CheckOption).OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => o.Value)]
            : [];
    }

    /// <summary>Lengths and times of all files of the judges: cheap to compare.</summary>
    public string Stamp() => string.Join('\n', Judges.Select(j => j.Stamp()));

    /// <exception cref="ScenarioException">An option is unknown, missing or not of its kind.</exception>
    public static JudgePanel Of(IReadOnlyDictionary<string, string> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Keys.Except(Options).FirstOrDefault() is { } wrong)
            throw Refused($"has no option '{wrong}'. It has: {string.Join(", ", Options)}");
        var pinned = options.GetValueOrDefault("sha256");
        if (pinned is not null && (pinned.Length != 64 || !pinned.All(char.IsAsciiHexDigitLower)))
            throw Refused("takes as sha256 64 lower-case hexadecimal digits. Leave it out: the run says the right one");
        var judges = Enumerable.Range(1, MostJudges).Select(n => One(options, n == 1 ? "" : $"_{n}")).OfType<JudgeChoice>().ToArray();
        if (judges.Length == 0 && pinned is null)
            throw Refused("needs a judge. Name its profile and its checkpoint: { id: model_judge, judge: llama-guard-3, path: /models/guard }");
        return new JudgePanel(judges, Choice(options, "panel", ("mean", PanelRule.Mean), ("all", PanelRule.All)),
            Choice(options, "score", ("probability", false), ("verdict", true)), Part(options, "most_unread"), pinned);
    }

    /// <summary>The same choice with full paths, and the hash of what lies there.</summary>
    /// <param name="folder">That relative paths begin in.</param>
    /// <exception cref="ScenarioException">A checkpoint or template is not there, or not the pinned one.</exception>
    public static MetricChoice Located(MetricChoice choice, string folder)
    {
        ArgumentNullException.ThrowIfNull(choice);
        if (choice.Id != MetricId) return choice;
        var panel = Of(choice.Options);
        if (panel.Judges.Count == 0) return choice;
        string Full(string path) => Path.GetFullPath(Path.Combine(folder, path));
        var options = choice.Options.ToDictionary(o => o.Key, o => IsPath(o.Key) ? Full(o.Value) : o.Value);
        var located = panel with
        {
            Judges = [.. panel.Judges.Select(j => j with
            {
                Folder = Full(j.Folder), TemplateFile = j.TemplateFile is { } file ? Full(file) : null,
            })],
        };
        if (located.Judges.FirstOrDefault(j => !Directory.Exists(j.Folder)) is { } gone)
            throw new ScenarioException($"TITER584 There is no judge in {gone.Folder}. Download the checkpoint of {gone.Profile.Models}, or correct "
                + "the path, which is relative to the file that names it.");
        var actual = located.Hash();
        if (panel.Sha256 is { } pinned && pinned != actual)
            throw new ScenarioException($"TITER584 The judge has SHA-256 {actual}, pinned is {pinned}. Restore its files, or pin the new hash: "
                + "verdicts of different judges are not comparable.");
        options["sha256"] = actual;
        return choice with { Options = options };
    }

    /// <summary>What of the options says which scores these are: where the files lie does not.</summary>
    public static IReadOnlyDictionary<string, string> Identity(IReadOnlyDictionary<string, string> options) =>
        options.Where(o => !IsPath(o.Key)).ToDictionary(o => o.Key, o => o.Value);

    /// <summary>The same for people: of the hash its beginning.</summary>
    internal static IReadOnlyDictionary<string, string> Told(IReadOnlyDictionary<string, string> options) =>
        Identity(options).ToDictionary(o => o.Key, o => o.Key == "sha256" && o.Value.Length > ToldDigits ? o.Value[..ToldDigits] : o.Value);

    /// <summary>Whether the value of the option is a path.</summary>
    public static bool IsPath(string option) => option.StartsWith("path", StringComparison.Ordinal)
        || option.StartsWith("template", StringComparison.Ordinal) || option == CheckOption;

    /// <summary>SHA-256 over the judges' own hashes, in order.</summary>
    public static string HashOf(IEnumerable<string> judges) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', judges))));

    /// <summary>What a check calls a panel that decides so.</summary>
    public static string NameOf(PanelRule rule) => rule == PanelRule.All ? "panel, all agree" : "panel, mean";

    private string Hash() => HashOf(Judges.Select(j => j.Hash()));

    private static JudgeChoice? One(IReadOnlyDictionary<string, string> options, string number)
    {
        string? Value(string name) => options.GetValueOrDefault(name + number);
        if (OfEach.All(name => Value(name) is null)) return null;
        if (Value("judge") is not { } profile || Value("path") is not { } path)
            return Value("judge") is not null && options.ContainsKey("sha256") ? null
                : throw Refused($"needs judge{number} and path{number} together");
        return new JudgeChoice(JudgeTable.Find(profile), path, Value("template"));
    }

    private static T Choice<T>(IReadOnlyDictionary<string, string> options, string name, params (string Text, T Value)[] values)
    {
        if (!options.TryGetValue(name, out var text)) return values[0].Value;
        return values.Any(v => v.Text == text) ? values.First(v => v.Text == text).Value
            : throw Refused($"takes as {name} {string.Join(" or ", values.Select(v => v.Text))}, not '{text}'");
    }

    private static double Part(IReadOnlyDictionary<string, string> options, string name) =>
        !options.TryGetValue(name, out var text) ? UsualMostUnread
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var part) && part is >= 0 and < 1 ? part
        : throw Refused($"takes as {name} a number from 0 to below 1, not '{text}'");

    private static ScenarioException Refused(string what) => new($"TITER552 The metric '{MetricId}' {what}.");
}
