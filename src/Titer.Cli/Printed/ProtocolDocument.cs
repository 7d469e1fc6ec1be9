namespace Titer.Cli.Printed;

/// <summary>A protocol as <c>protocol --json</c> prints it.</summary>
/// <param name="Fixes">What is as published, a line each.</param>
/// <param name="LeavesOut">What is not.</param>
internal sealed record ProtocolDocument(string Name, string Cite, IReadOnlyList<string> Fixes, IReadOnlyList<string> LeavesOut);
