using System.Text.RegularExpressions;

namespace Titer.Cli.Tests;

/// <summary>
/// What can be wrong with a recipe of an image and is seen without an engine: the rules of hadolint
/// that matter here (DL3002, DL3006, DL3007, DL3009,
/// DL3015, DL3025), and that what it copies is made.
/// </summary>
internal static partial class ContainerfileLint
{
    private static readonly string[] Known = ["ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "FROM", "LABEL", "RUN", "USER", "VOLUME", "WORKDIR"];

    /// <param name="isMade">Whether a source of <c>ADD</c> or <c>COPY</c> is there when the image is built, by its path in the clone.</param>
    public static IEnumerable<string> Faults(string text, Func<string, bool> isMade)
    {
        var lines = Instructions(text);
        if (lines.Length == 0 || !lines.Any(l => l.Word == "FROM")) yield return "it has no FROM";
        foreach (var (word, _) in lines.Where(l => !Known.Contains(l.Word))) yield return $"{word} is no instruction";
        var arguments = lines.Where(l => l.Word == "ARG").ToDictionary(l => l.Said.Split('=')[0], l => l.Said.Split('=', 2).ElementAtOrDefault(1));
        string With(string rest) => Variable().Replace(rest, m => arguments.GetValueOrDefault(m.Groups[1].Value) ?? "");
        foreach (var name in arguments.Keys.Where(
            a => !lines.Any(l => l.Word != "ARG" && Variable().Matches(l.Said).Any(m => m.Groups[1].Value == a))))
            yield return $"nothing uses the argument {name}";
        foreach (var used in lines.SelectMany(l => Variable().Matches(l.Said)).Select(m => m.Groups[1].Value).Where(v => !arguments.ContainsKey(v)))
            yield return $"{used} is no argument";
        foreach (var image in lines.Where(l => l.Word == "FROM").Select(l => With(l.Said).Split(' ')[0]).Concat(Bases().Matches(text)
            .Select(m => m.Groups[1].Value)).Where(i => i.Split('/')[^1].Split(':') is not [_, { Length: > 0 } tag] || tag == "latest"))
            yield return $"{image} names no version";
        foreach (var source in lines.Where(l => l.Word is "ADD" or "COPY").SelectMany(l => With(l.Said).Split(' ')[..^1]).Where(s => !isMade(s)))
            yield return $"{source} is not there";
        foreach (var (_, run) in lines.Where(l => l.Word == "RUN" && l.Said.Contains("apt-get install", StringComparison.Ordinal)))
        {
            if (!run.Contains("--no-install-recommends", StringComparison.Ordinal)) yield return "it installs what is only recommended";
            if (!run.Contains("rm -rf /var/lib/apt/lists", StringComparison.Ordinal)) yield return "it keeps the lists of packages";
            if (!run.StartsWith("apt-get update", StringComparison.Ordinal)) yield return "it installs from lists of an older layer";
        }

        if (lines.LastOrDefault(l => l.Word == "USER").Said is null or "root" or "0") yield return "its process is root";
        foreach (var (word, rest) in lines.Where(l => l.Word is "CMD" or "ENTRYPOINT" && !l.Said.StartsWith('[')))
            yield return $"{word} {rest} starts a shell, which passes no signal on";
    }

    /// <summary>Instructions with what they say on one line, comments left out.</summary>
    public static (string Word, string Said)[] Instructions(string text) =>
    [
        .. Continued().Replace(Comment().Replace(text.ReplaceLineEndings("\n"), ""), " ").Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0)
            .Select(l => l.Split(' ', 2)).Select(l => (l[0], l.Length > 1 ? l[1].Trim() : "")),
    ];

    [GeneratedRegex("^#.*\n?", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\\\n\s*")]
    private static partial Regex Continued();

    [GeneratedRegex(@"\$\{(\w+)\}")]
    private static partial Regex Variable();

    /// <summary>Bases that a comment proposes.</summary>
    [GeneratedRegex(@"BASE=(\S+)")]
    private static partial Regex Bases();
}
