namespace Titer.Cli.Printed;

/// <summary>What the verbs under <c>season</c> print.</summary>
/// <param name="Verb"><c>open</c>, <c>seal</c>, <c>close</c> or <c>verify</c>.</param>
/// <param name="IsSound">Nothing was found.</param>
/// <param name="Sha256">Of what the season froze.</param>
/// <param name="File">Full path of its file.</param>
internal sealed record SeasonVerbDocument(string Verb, bool IsSound, string Season, string Sha256, bool IsOpen, string File,
    IReadOnlyList<SeasonProblem> Findings);

/// <summary>What is not as the season has it.</summary>
/// <param name="Text">Code, fact and fix.</param>
internal sealed record SeasonProblem(string Code, string Text);
