using System.Text.RegularExpressions;
using Titer.Cli.Terminal;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.Cli.Tests;

/// <summary>Twelve attackers with sweeps and long labels against eight defenses: what a person sees of them.</summary>
public sealed partial class ReportViewTests
{
    private const int Attackers = 12;
    private const int Columns = 2 + 2 * (Attackers - 2);
    private const string LongLabel = "full_parameter_finetune[batch_size=16 learning_rate=0.0003 warmup_steps=12 weight_decay=0.01]";
    private static readonly TournamentReport Report = Board.Report();

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    [InlineData(200)]
    public void Nothing_is_wider_than_the_terminal_and_nothing_is_broken_inside_of_a_word(int columns)
    {
        var lines = Shown(columns);

        Assert.All(lines, line => Assert.True(line.Length <= columns, line));
        Assert.DoesNotContain(lines, line => line.Contains('…', StringComparison.Ordinal));
        // A column that is too narrow is one of single letters.
        Assert.DoesNotContain(lines, line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is { Length: > 3 } words
            && words.Skip(1).All(w => w.Length == 1 && char.IsLetter(w[0])));
        // Nor does the rest of a name go to a line of its own.
        Assert.All(Report.Rows.Select(row => Name(row.Defense, columns)), name => Assert.Equal(
            Tables(lines),
            lines.Count(line => Cells(line).Any(cell => cell == name || cell.StartsWith(name + " (", StringComparison.Ordinal)))));
    }

    [Theory]
    [InlineData(80)]
    [InlineData(200)]
    [InlineData(PipedOutput.Columns)]
    public void Every_cell_of_the_crosstable_is_there_whole_and_in_order(int columns)
    {
        var lines = Shown(columns);
        var start = Array.FindIndex(lines, line => line.StartsWith(" Crosstable: steps to break (highest harmfulness)", StringComparison.Ordinal));

        Assert.Equal(Columns * Report.Rows.Count, Report.Cells.Count);
        foreach (var row in Report.Rows)
        {
            var shown = lines.Skip(start).Select(Cells).Where(cells => cells.Length > 1 && cells[0] == Name(row.Defense, columns));
            var expected = Report.Cells.Where(c => c.Defense == row.Defense)
                .Select(c => double.IsNaN(c.MaxHarm) ? c.CostText : $"{c.CostText} ({Figures.Score(c.MaxHarm)})");
            Assert.Equal(expected, shown.SelectMany(cells => cells.Skip(1)));
        }
    }

    [Fact]
    public void Long_names_are_short_at_80_columns_and_a_legend_says_what_they_stand_for()
    {
        var lines = Shown(80);
        var text = Words(lines);

        var vaccine = Report.Rows.Single(row => row.Defense.StartsWith("vaccine", StringComparison.Ordinal)).Defense;
        Assert.Contains($"{Name(vaccine, 80)} = vaccine[perturbation_intensity=0.5 steps=200]", text, StringComparison.Ordinal);
        Assert.Contains("full_parameter#9 = full_parameter_finetune[batch_size=4 learning_rate=0.00001]", text, StringComparison.Ordinal);
        Assert.Contains($"full_parameter#10 = {LongLabel}", text, StringComparison.Ordinal);
        Assert.Contains("multi_turn_adv#12 = multi_turn_adversarial_embedding_finetune", text, StringComparison.Ordinal);
        // In a heading by that name: the long one stands in the legend alone.
        Assert.Equal(2, lines.SelectMany(Cells).Count(cell => cell == "full_parameter#10"));
        Assert.Single(Regex.Matches(text, Regex.Escape("batch_size=16")));
    }

    [Fact]
    public void The_tries_of_a_sweep_are_one_attacker_and_their_winners_one_line_each()
    {
        var lines = Shown(PipedOutput.Columns);
        var headings = Assert.Single(lines, line => line.Contains("lora_finetune[rank=16] in-dom", StringComparison.Ordinal));

        Assert.Equal(1 + Columns, Cells(headings).Length);
        Assert.DoesNotContain("learning_rate=0.001", headings, StringComparison.Ordinal);
        var winners = lines.Where(line => line.Contains("steps a seed paid.", StringComparison.Ordinal)).ToArray();
        Assert.Equal(winners.Length, winners.Select(line => line.Split(" won ")[0]).Distinct().Count());
        Assert.Contains(winners, line =>
            line.StartsWith("lora_finetune[rank=16]: lora_finetune[rank=16 learning_rate=0.01] won 3 tries on ", StringComparison.Ordinal)
            && line.EndsWith("; 128 steps a seed paid.", StringComparison.Ordinal));
    }

    [Fact]
    public void Piped_lines_are_whole()
    {
        var lines = Shown(PipedOutput.Columns);

        Assert.Single(lines, line => line == " Leaderboard");
        Assert.Single(lines, line => line == " Crosstable: steps to break (highest harmfulness)");
        Assert.All(
            Report.Rows.Where(row => row.Reason is not null),
            row => Assert.Single(lines, line => line == $"{row.Defense}: {row.Status.ToString().ToLowerInvariant()} {row.Code} {row.Reason}"));
        var legend = Assert.Single(lines, line => line.StartsWith("+ pass, - fail", StringComparison.Ordinal));
        Assert.EndsWith("undefended utility and skill.", legend, StringComparison.Ordinal);
        Assert.Contains($"  full_parameter#10 = {LongLabel}", lines);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(200)]
    public void A_season_has_a_titer_of_known_hidden_and_adaptive_attackers_each(int columns)
    {
        var (spec, plan, results) = Board.Played();
        var report = TournamentFold.Report(spec with { ByClass = true }, plan, results);

        var lines = Screen.Lines(columns, console => new ReportView(console).Show(report, "/results/twelve"));

        var table = lines.SkipWhile(line => !line.StartsWith(" Titer by what defenders could know", StringComparison.Ordinal)).ToArray();
        Assert.Equal(["defense", "known", "hidden", "adaptive"], table.Select(Cells).First(cells => cells is ["defense", ..]).Take(4));
        var row = Cells(table.First(line => line.Trim().StartsWith("safety_sft ", StringComparison.Ordinal)));
        Assert.Equal((report.Rows.Single(r => r.Defense == "safety_sft").Classes![0].Titer, "none"), (row[1].Split(' ')[0], row[2]));
        Assert.DoesNotContain(Shown(columns), line => line.Contains("Titer by what", StringComparison.Ordinal));
    }

    [Fact]
    public void Many_runs_side_by_side_are_whole_at_80_columns()
    {
        var runs = Enumerable.Range(1, 9).Select(i => ($"/results/a-run-with-a-name-{i}", Report)).ToArray();
        var lines = Screen.Lines(80, console => new ComparisonView(console).Show(runs));

        Assert.All(lines, line => Assert.True(line.Length <= 80, line));
        Assert.Equal(9, lines.Select(Cells).Where(cells => cells.Length > 1 && cells[0] == "no_defense").Sum(cells => cells.Length - 1));
        Assert.All(runs, run => Assert.Contains(Path.GetFileName(run.Item1), Words(lines), StringComparison.Ordinal));
    }

    private static string[] Shown(int columns) => Screen.Lines(columns, console => new ReportView(console).Show(Report, "/results/twelve"));

    /// <summary>A label, or what is shown for it: its beginning and its place.</summary>
    private static string Name(string defense, int columns) =>
        columns < 150 && defense.Length > 22 ? $"{defense.Split('[')[0]}#{Report.Rows.TakeWhile(row => row.Defense != defense).Count() + 1}"
            : defense;

    private static int Tables(string[] lines) => lines.Count(line => line.StartsWith('─') || line.StartsWith(" ─", StringComparison.Ordinal));

    /// <summary>Texts that two spaces or more stand between; the rank before a name is none.</summary>
    private static string[] Cells(string line) => [.. Gap().Split(line.Trim()).SkipWhile(cell => Rank().IsMatch(cell))];

    private static string Words(string[] lines) =>
        string.Join(' ', lines.SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    [GeneratedRegex(" {2,}")]
    private static partial Regex Gap();

    [GeneratedRegex(@"^\d+( \[\d+-\d+\])?$")]
    private static partial Regex Rank();
}
