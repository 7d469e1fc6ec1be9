using Titer.Files;

namespace Titer.Runtime.Conformance;

public enum ConformanceOutcome
{
    Passed,

    /// <summary>Plays, but worth correcting.</summary>
    Warned,
    Failed,

    /// <summary>Says nothing about this plugin; the fact says why.</summary>
    Skipped,
}

/// <summary>The answer to one check.</summary>
/// <param name="Number">From 1, in the order of <see cref="ConformanceChecks.For"/>.</param>
/// <param name="Code">Stable; null when passed or skipped.</param>
/// <param name="Fact">What is the case, with numbers.</param>
/// <param name="Fix">What to change.</param>
public sealed record ConformanceFinding(
    int Number, string Name, ConformanceOutcome Outcome, string? Code = null, string? Fact = null, string? Fix = null)
{
    /// <summary>It may quote what the plugin said.</summary>
    public string? Fact { get; init; } = Fact is null ? null : VisibleText.OnOneLine(Fact, MostCharacters);

    private const int MostCharacters = 8000;

    /// <summary>Name, code, fact and fix on one line.</summary>
    public override string ToString() => string.Join(' ', new[] { $"{Name}:", Code, Fact, Fix }.OfType<string>());
}

/// <summary>One thing that every plugin must do, or leave alone.</summary>
public sealed class ConformanceCheck
{
    internal ConformanceCheck(string code, string name, Func<ConformanceRun, CheckAnswer> ask) => (Code, Name, Ask) = (code, name, ask);

    /// <summary>Code of a finding that is not passed.</summary>
    public string Code { get; }

    /// <summary>What a good plugin does, as the end of the sentence "it ...".</summary>
    public string Name { get; }

    internal Func<ConformanceRun, CheckAnswer> Ask { get; }
}

/// <summary>A check's answer before it has a number and a code.</summary>
internal sealed record CheckAnswer(ConformanceOutcome Outcome, string? Fact = null, string? Fix = null)
{
    public static CheckAnswer Passed(string? fact = null) => new(ConformanceOutcome.Passed, fact);

    public static CheckAnswer Skipped(string fact) => new(ConformanceOutcome.Skipped, fact);

    public static CheckAnswer Warned(string fact, string fix) => new(ConformanceOutcome.Warned, fact, fix);

    public static CheckAnswer Failed(string fact, string fix) => new(ConformanceOutcome.Failed, fact.EndsWith('.') ? fact : $"{fact}.", fix);
}
