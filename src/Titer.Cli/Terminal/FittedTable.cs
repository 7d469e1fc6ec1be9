using Spectre.Console;

namespace Titer.Cli.Terminal;

/// <summary>
/// A table whose columns are as wide as their longest word. Where they do not fit beside each other they go into further tables under the same
/// first column: nothing is broken inside of a word.
/// </summary>
internal sealed class FittedTable(string title, string corner, IReadOnlyList<string> headings,
    IReadOnlyList<(string Name, IReadOnlyList<string> Cells)> rows)
{
    /// <summary>Padding and border of one column.</summary>
    private const int Gap = 2;

    public void WriteTo(IAnsiConsole console)
    {
        var first = rows.Select(r => r.Name.Length).Append(corner.Length).Max();
        var widths = Widths(heading => [heading]);
        // Headings are broken between their words only where there is no room for them.
        if (first + Gap + widths.Sum(w => w + Gap) > console.Profile.Width) widths = Widths(heading => heading.Split(' '));
        for (int from = 0, to; from < widths.Length; from = to)
        {
            var used = first + Gap;
            for (to = from; to < widths.Length && (to == from || used + widths[to] + Gap <= console.Profile.Width); to++) used += widths[to] + Gap;
            var isPart = from > 0 || to < widths.Length;
            console.Write(Part(isPart ? $"{title}, {from + 1} to {to} of {widths.Length}" : title, first, widths, from, to));
        }
    }

    private int[] Widths(Func<string, string[]> parts) =>
        [.. headings.Select((heading, i) => rows.Select(r => r.Cells[i].Length).Concat(parts(heading).Select(part => part.Length)).Max())];

    private Table Part(string name, int first, int[] widths, int from, int to)
    {
        var table = new Table().Border(TableBorder.Simple).Title(Markup.Escape(name)).AddColumn(Column(corner, first));
        for (var i = from; i < to; i++) table.AddColumn(Column(headings[i], widths[i]));
        foreach (var row in rows) table.AddRow([new Text(row.Name), .. row.Cells.Skip(from).Take(to - from).Select(cell => new Text(cell))]);
        return table;
    }

    private static TableColumn Column(string heading, int width) => new(new Text(heading)) { Width = width, Padding = new Padding(0, 0, 1, 0) };
}
