namespace Titer.Cli.Printed;

/// <summary>What <c>export --json</c> prints.</summary>
/// <param name="Folder">The checkpoint.</param>
/// <param name="WeightsSha256">Of the defended weights, as the defend phase has it.</param>
internal sealed record ExportDocument(string Defense, int Seed, string Folder, string WeightsSha256);
