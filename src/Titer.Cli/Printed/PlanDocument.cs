namespace Titer.Cli.Printed;

/// <summary>A phase as <c>plan --json</c> prints it.</summary>
/// <param name="Attack">Null where none plays.</param>
/// <param name="IsLeft">It has no result yet, and can be played.</param>
internal sealed record PlannedPhase(string Id, string Kind, string Title, string Defense, string? Attack, string Exposure, int Seed, int AttackSeed,
    bool IsLeft);

/// <summary>What <c>plan --json</c> prints.</summary>
/// <param name="Left">Phases that are to be played.</param>
/// <param name="MostMore">Phases that results may call for: winners played again, further tries of searches.</param>
internal sealed record PlanDocument(string Name, string Scenario, string ScenarioHash, string HostVersion, string Device, string Results, int Left,
    int MostMore, IReadOnlyList<PlannedPhase> Phases);
