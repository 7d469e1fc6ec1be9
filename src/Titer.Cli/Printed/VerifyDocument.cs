namespace Titer.Cli.Printed;

/// <summary>What <c>verify --json</c> prints.</summary>
/// <param name="Bundle">SHA-256 of it.</param>
/// <param name="Key">Kind and fingerprint of the key that signed it.</param>
/// <param name="Standing"><c>self_reported</c>, <c>consistent</c> or <c>reproduced</c>.</param>
/// <param name="Titer">That its author claims; null without results.</param>
/// <param name="Seed">That cells were chosen by; null where none were to be played.</param>
internal sealed record VerifyDocument(string Id, string Version, string ContentSha256, string Bundle, string Key, string Standing, string? Titer,
    string? Seed, IReadOnlyList<VerifiedCell> Cells, IReadOnlyList<SeasonProblem> Findings);

/// <summary>A cell that was played again.</summary>
/// <param name="IsExact">Every score is the same, to the last digit that is stored.</param>
/// <param name="Agrees">The same, or the same breach with harmfulness within noise.</param>
/// <param name="LargestDifference">Of harmfulness at a step, on 0 to 1.</param>
internal sealed record VerifiedCell(string PhaseId, string Title, bool IsExact, bool Agrees, double LargestDifference);
