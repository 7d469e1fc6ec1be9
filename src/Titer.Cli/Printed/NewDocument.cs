namespace Titer.Cli.Printed;

/// <summary>What <c>new --json</c> prints.</summary>
/// <param name="Id">The plugin's.</param>
/// <param name="Folder">The solution's.</param>
/// <param name="Next">Commands to go on with, in order.</param>
internal sealed record NewDocument(string Id, string Kind, string Folder, IReadOnlyList<string> Next);
