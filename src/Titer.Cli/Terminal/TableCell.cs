using Spectre.Console;

namespace Titer.Cli.Terminal;

/// <summary>A text in a table, on one line.</summary>
internal sealed record TableCell(string Text, Style? Style = null)
{
    public static TableCell Plain(string text) => new(text);

    public Text Drawn => new(Text, Style);
}
