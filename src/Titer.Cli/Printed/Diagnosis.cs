using Titer.Runtime.Workers;

namespace Titer.Cli.Printed;

/// <summary>One thing that was checked.</summary>
/// <param name="Ok">False when a tournament cannot run for it; null when it is only worth knowing.</param>
internal sealed record Finding(string Name, bool? Ok, string Fact);

/// <summary>What <c>doctor --json</c> prints.</summary>
internal sealed record Diagnosis(bool CanRun, IReadOnlyList<Finding> Findings, TorchFacts Torch);
