using Spectre.Console;

namespace Titer.Cli.Terminal;

/// <summary>Lines that go to a file or another program are whole: only a terminal has a width.</summary>
internal static class PipedOutput
{
    public const int Columns = 10_000;

    /// <summary>Takes the width off of a console whose output is redirected, unless <c>COLUMNS</c> asks for one.</summary>
    public static void Widen(IAnsiConsole console)
    {
        if (Console.IsOutputRedirected)
            console.Profile.Width = int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), out var columns) && columns > 0 ? columns : Columns;
    }
}
