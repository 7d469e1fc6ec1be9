namespace Titer.Cli.Printed;

/// <summary>What <c>submit --json</c> prints.</summary>
/// <param name="ContentSha256">Of the plugin.</param>
/// <param name="Bundle">SHA-256 of what was handed in.</param>
/// <param name="To">Full path, or the league's address.</param>
/// <param name="Tries">In the log that went with it; null without one.</param>
/// <param name="Titer">Of the author's own results; null without any.</param>
internal sealed record SubmitDocument(string Id, string Version, string ContentSha256, string Bundle, string To, int Files, int? Tries,
    string? Titer);
