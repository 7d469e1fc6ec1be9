using Titer.Scenarios;
using Titer.Scenarios.Apothecary;

namespace Titer.Cli.Printed;

/// <summary>What <c>scenario check --json</c> prints.</summary>
/// <param name="Passed">It is usable.</param>
/// <param name="Subject">Against what a usable subject of the embedded language must do; null for a scenario with data of its own.</param>
/// <param name="Facts">What was read and measured, a line each.</param>
internal sealed record ScenarioCheckDocument(bool Passed, string Scenario, string ScenarioHash, SubjectMeasure? Subject,
    IReadOnlyList<string> Facts);

/// <summary>What <c>scenario build --json</c> prints.</summary>
/// <param name="Folder">The subject.</param>
/// <param name="Refusal">Whether it refuses by a direction, after alignment.</param>
internal sealed record ScenarioBuildDocument(string Folder, ulong Seed, string WeightsSha256, SubjectMeasure BeforeAlignment,
    SubjectMeasure AfterAlignment, RefusalMeasure? Refusal);
