namespace Titer.Cli.Printed;

/// <summary>Where a plugin threw, as <c>report --traces --json</c> prints it.</summary>
/// <param name="Attack">Null where none played.</param>
internal sealed record TraceDocument(string PhaseId, string Kind, string Defense, string? Attack, int Seed, string? Code, string? Reason,
    string Trace);
