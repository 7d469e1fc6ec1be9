namespace Titer.Cli.Printed;

/// <summary>What <c>view --json</c> prints when the page is there.</summary>
/// <param name="Url">With the token: whoever has it sees every result.</param>
/// <param name="Address">Without.</param>
internal sealed record PageDocument(string Url, string Address);
