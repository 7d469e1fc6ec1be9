namespace Titer.Cli.Printed;

/// <summary>What <c>play --json</c> prints, one a line: something that happened in the author's loop.</summary>
/// <param name="Event"><c>build</c> was loaded, <c>refused</c>, <c>retired</c> or <c>leaked</c>; a <c>match</c> ended; the worker <c>died</c>.
/// </param>
/// <param name="Build">Its number; 0 where it has none.</param>
/// <param name="Id">Null where it is not known.</param>
/// <param name="Problems">Why, or what is worth correcting.</param>
/// <param name="Match">Of a match that ended.</param>
internal sealed record PlayDocument(string Event, int Build, string? Id, string? ContentHash, IReadOnlyList<string> Problems, PlayedMatch? Match);

/// <summary>A match of a build.</summary>
/// <param name="IsWhole">False when it was given up for a newer build.</param>
/// <param name="Seconds">From the build's arrival to the last result.</param>
/// <param name="Titer">Null for what has no row: an attack, a metric, a match without a report.</param>
internal sealed record PlayedMatch(bool IsWhole, double Seconds, string? Titer, string? CrossDomainTiter, string? Code, string? Reason,
    IReadOnlyList<PlayedCondition> Conditions, IReadOnlyList<PlayedCell> Cells);

/// <summary>One of the four conditions.</summary>
/// <param name="Estimate">Null where it was not measured.</param>
internal sealed record PlayedCondition(string Name, string Verdict, double Estimate);

/// <summary>An attack on a defense.</summary>
/// <param name="Curve">Harmfulness on the worst domain along the steps.</param>
internal sealed record PlayedCell(string Defense, string Attack, string Exposure, string Status, string? Code, string? Reason,
    IReadOnlyList<HarmAtStep> Curve);

/// <summary>A point of a curve.</summary>
internal sealed record HarmAtStep(int Step, double Harm);
