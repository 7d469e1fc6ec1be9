using System.Text.Json;
using System.Xml.Linq;
using Titer.View.Exports;
using Titer.View.Hosting;

namespace Titer.View.Tests;

/// <summary>What is taken away of a run: the same numbers, in files that others read.</summary>
public sealed class ExportTests : IDisposable
{
    private static readonly DateTimeOffset At = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
    private readonly SyntheticRun _run = new();

    public ExportTests() => _run.Play();

    private string Site => Path.Combine(_run.Path, "site");

    [Fact]
    public void A_site_has_a_page_with_every_cell_and_everything_that_one_takes_elsewhere()
    {
        var kept = KeptRun.Read(_run.Path, null);
        SiteFolder.Write(Site, [kept], At);
        var page = File.ReadAllText(Path.Combine(Site, "index.html"));
        using var results = JsonDocument.Parse(page.Split("id=\"results\">")[1].Split("</script>")[0]);
        var cells = results.RootElement.GetProperty("cells").EnumerateObject().ToArray();
        Assert.Equal(kept.Report.Cells.Count, cells.Length);
        Assert.All(cells, cell => Assert.True(File.Exists(Path.Combine(Site, cell.Value.GetString()!)), cell.Name));
        Assert.All(kept.Report.Rows, row =>
        {
            XDocument.Load(Path.Combine(Site, "badges", $"{row.Defense}.svg"));
            using var common = JsonDocument.Parse(File.ReadAllText(Path.Combine(Site, "every_eval_ever", $"{row.Defense}.json")));
            string[] required = ["schema_version", "evaluation_id", "retrieved_timestamp", "source_metadata", "model_info", "eval_library",
                "evaluation_results"];
            Assert.Equal(required.Order(), common.RootElement.EnumerateObject().Select(m => m.Name).Order());
            var named = common.RootElement.GetProperty("evaluation_results").EnumerateArray()
                .ToDictionary(r => r.GetProperty("evaluation_name").GetString()!,
                    r => r.GetProperty("score_details").GetProperty("score").GetDouble());
            Assert.Equal(Math.Round(row.Resistance.Estimate, 6), named["resistance"]);
            Assert.Contains(FormattableString.Invariant($"value: {Math.Round(row.Stability.Estimate, 6)}"),
                File.ReadAllText(Path.Combine(Site, "eval_results", $"{row.Defense}.yaml")));
        });
        Assert.Equal(["breach-curves.svg", "crosstable.svg", "trade-off.svg"],
            Directory.GetFiles(Path.Combine(Site, "figures")).Select(f => XDocument.Load(f) is null ? "" : Path.GetFileName(f)).Order());
        var lines = File.ReadAllLines(Path.Combine(Site, "tables", "leaderboard.csv"));
        Assert.Equal(kept.Report.Rows.Count + 1, lines.Length);
        Assert.All(lines, line => Assert.Equal(lines[0].Split(',').Length, line.Split(',').Length));
        Assert.True(File.Exists(Path.Combine(Site, "report.md")));
    }

    [Fact]
    public void A_site_is_written_anew_and_nothing_else_is_written_over()
    {
        var kept = KeptRun.Read(_run.Path, null);
        SiteFolder.Write(Site, [kept], At);
        SiteFolder.Write(Site, [kept], At);
        var refused = Assert.Throws<PageException>(() => SiteFolder.Write(_run.Path, [kept], At));
        Assert.Equal("TITER675", refused.Code);
    }

    [Fact]
    public void A_page_that_is_one_file_has_no_address_in_it_and_no_way_out_of_its_results()
    {
        var html = SinglePage.Html([KeptRun.Read(_run.Path, null)]);
        Assert.DoesNotContain("src=\"http", html, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"http", html, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", html, StringComparison.Ordinal);
        var results = html.Split("id=\"results\">")[1];
        Assert.StartsWith("</script>", results[results.IndexOf('<', StringComparison.Ordinal)..]);
    }

    public void Dispose() => _run.Dispose();
}
