using Titer.Files;

namespace Titer.Plugins;

public enum ProblemSeverity
{
    /// <summary>Played nevertheless; worth telling the author.</summary>
    Advice,

    /// <summary>Refused.</summary>
    Error,
}

/// <summary>One reason to refuse or to warn: what is the case and what to change.</summary>
/// <param name="Code">Stable, one of <see cref="PluginProblemCode"/>.</param>
public sealed record PluginProblem(string Code, string Fact, string Fix, ProblemSeverity Severity = ProblemSeverity.Error)
{
    /// <summary>Names of types, options and files are an author's: written out where they hold control characters.</summary>
    public string Fact { get; init; } = VisibleText.OnOneLine(Fact, MostCharacters);

    public string Fix { get; init; } = VisibleText.OnOneLine(Fix, MostCharacters);

    /// <summary>The machine is at fault (a full disk, a folder that cannot be written to), not the plugin.</summary>
    public bool IsMachines { get; init; }

    private const int MostCharacters = 8000;

    /// <summary>Code, fact and fix on one line.</summary>
    public override string ToString() => $"{Code} {Fact} {Fix}";
}
