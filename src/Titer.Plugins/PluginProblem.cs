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
    /// <summary>Code, fact and fix on one line.</summary>
    public override string ToString() => $"{Code} {Fact} {Fix}";
}
