using System.Text;
using System.Text.RegularExpressions;
using Spectre.Console;
using Titer.Cli.Terminal;

namespace Titer.Cli.Tests;

/// <summary>What a view writes to a terminal of some width, or to a pipe.</summary>
internal static partial class Screen
{
    /// <param name="columns"><see cref="PipedOutput.Columns"/> for a pipe.</param>
    public static string[] Lines(int columns, Action<IAnsiConsole> show)
    {
        using var writer = new StringWriter();
        show(AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, ColorSystem = ColorSystemSupport.TrueColor,
            Out = new SizedOutput(writer, columns) }));
        return [.. Escape().Replace(writer.ToString(), "").TrimEnd().Split('\n').Select(line => line.TrimEnd('\r'))];
    }

    [GeneratedRegex("\e\\[[0-9;]*[A-Za-z]")]
    private static partial Regex Escape();

    private sealed class SizedOutput(TextWriter writer, int columns) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => columns < PipedOutput.Columns;

        public int Width => columns;

        public int Height => 50;

        public void SetEncoding(Encoding encoding)
        {
        }
    }
}
