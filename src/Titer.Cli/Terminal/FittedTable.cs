using Spectre.Console;

namespace Titer.Cli.Terminal;

/// <summary>
/// A table whose columns are as wide as their longest word. Where they do not fit beside each other they go into further tables under the same
/// first column: nothing is broken inside of a word.
/// </summary>
internal sealed class FittedTable(
    string title, string corner, IReadOnlyList<string> headings, IReadOnlyList<(TableCell Name, IReadOnlyList<TableCell> Cells)> rows)
{
    /// <summary>Padding and border of one column.</summary>
    private const int Gap = 2;

    /// <summary>The border at the very left.</summary>
    private const int Edge = 1;

    public void WriteTo(IAnsiConsole console)
    {
        var first = Edge + rows.Select(r => r.Name.Text.Length).Append(corner.Length).Max() + Gap;
        var widths = Widths(heading => [heading]);
        // Headings are broken between their words only where there is no room for them.
        if (first + widths.Sum(w => w + Gap) > console.Profile.Width) widths = Widths(heading => heading.Split(' '));
        var tables = 0;
        for (var at = 0; at < widths.Length; tables++) at = Next(widths, at, console.Profile.Width - first);
        for (int from = 0, to; from < widths.Length; from = to, tables--)
        {
            // Evenly over as many tables as there must be: no last column stands alone.
            to = Math.Min(Next(widths, from, console.Profile.Width - first),
                from + (int)Math.Ceiling((widths.Length - from) / (double)Math.Max(1, tables)));
            // In the middle of a piped table of a thousand columns nobody would find a title.
            var part = from > 0 || to < widths.Length ? $", {from + 1} to {to} of {widths.Length}" : "";
            console.Write(new Text($" {title}{part}", new Style(decoration: Decoration.Bold)));
            console.WriteLine();
            console.Write(Part(first - Edge - Gap, widths, from, to));
        }
    }

    /// <summary>The first column that has no room any more; one column at least has.</summary>
    private static int Next(int[] widths, int from, int room)
    {
        var to = from;
        while (to < widths.Length && (to == from || widths[to] + Gap <= room)) room -= widths[to++] + Gap;
        return to;
    }

    private int[] Widths(Func<string, string[]> parts) =>
        [.. headings.Select((heading, i) => rows.Select(r => r.Cells[i].Text.Length).Concat(parts(heading).Select(part => part.Length)).Max())];

    private Table Part(int first, int[] widths, int from, int to)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(Column(corner, first));
        for (var i = from; i < to; i++) table.AddColumn(Column(headings[i], widths[i]));
        foreach (var row in rows) table.AddRow([row.Name.Drawn, .. row.Cells.Skip(from).Take(to - from).Select(cell => cell.Drawn)]);
        return table;
    }

    private static TableColumn Column(string heading, int width) => new(new Text(heading)) { Width = width, Padding = new Padding(0, 0, 1, 0) };
}
