using Titer.Scenarios.Data.Overlap;

namespace Titer.Cli.Printed;

/// <summary>What <c>data check --json</c> prints.</summary>
/// <param name="Files">What each looks like; empty where parts of a scenario were looked at.</param>
/// <param name="Repeats">What each file or part repeats in itself, by row from 1.</param>
/// <param name="Shared">Every two that share something.</param>
internal sealed record DataCheckDocument(IReadOnlyList<CheckedFile> Files, IReadOnlyList<RepeatedQuestions> Repeats,
    IReadOnlyList<SharedQuestions> Shared);

/// <summary>A published set, as <c>data list --json</c> prints it.</summary>
/// <param name="IsTried">The reading was tried on rows of the real file.</param>
internal sealed record PresetDocument(string Name, string Source, string Licence, string Cite, bool IsTried);
