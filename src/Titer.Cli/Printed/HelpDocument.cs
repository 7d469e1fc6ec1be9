namespace Titer.Cli.Printed;

/// <summary>What <c>help --json</c> prints: all pages, or the one that was asked for.</summary>
internal sealed record HelpDocument(IReadOnlyList<HelpPage> Pages);

/// <summary>A page of the documentation.</summary>
/// <param name="Markdown">Null where all are listed.</param>
internal sealed record HelpPage(string Name, string Title, string? Markdown);
