using System.Security.Cryptography;
using Titer.Tournament;
using Titer.View.Exports;
using Titer.View.Hosting;

namespace Titer.View.Tests;

/// <summary>The page in a real browser, over results that nobody played.</summary>
public sealed class BrowserTests : IDisposable
{
    private readonly SyntheticRun _run = new();

    [Fact]
    public async Task Every_page_is_drawn_without_an_error_and_can_be_used_by_everybody()
    {
        Browser.SkipWithout();
        _run.Play();
        // The most that a board can have to say: a season that is invalid, rows of another, classes of attackers, a row that was handed in.
        _run.WriteSeason();
        await using var page = await OpenPage.Of(_run.Path);
        await Browser.Check("pages", page.Host.Url.ToString());
    }

    /// <summary>The pictures stay in artifacts, for people.</summary>
    [Fact]
    public async Task Every_page_fits_a_phone_a_desk_and_a_wall()
    {
        await using var page = await Whole();
        var pictures = Directory.CreateDirectory(Path.Combine(Browser.Folder, "screens")).FullName;
        await Browser.Check("screens", page.Host.Url.ToString(), pictures);
    }

    [Fact]
    public async Task Keys_alone_lead_everywhere()
    {
        await using var page = await Whole();
        await Browser.Check("keys", page.Host.Url.ToString());
    }

    [Fact]
    public async Task Nobody_without_the_token_and_no_other_site_sees_anything()
    {
        await using var page = await Whole();
        await Browser.Check("refused", page.Host.Url.ToString());
    }

    /// <summary>Names in it are a stranger's: they are text and nothing else.</summary>
    [Fact]
    public async Task What_the_operator_accepts_and_whose_the_plugins_are_stands_on_the_page()
    {
        const string standing = "signed by <b id=forged>alice</b> (ED25519 SHA256:abc)";
        Browser.SkipWithout();
        _run.Play();
        var policy = new PolicyNote(new string('d', 64), "signed by anybody in its signers' file, never without a signature");
        _run.WriteBoard(spec => spec with
        {
            Policy = policy,
            Defenses = [.. spec.Defenses.Select((d, i) => d with { Standing = i == 1 ? standing : "came with titer" })],
        });
        await using var page = await OpenPage.Of(_run.Path);

        var said = await Browser.Check("provenance", page.Host.Url.ToString());

        Assert.Contains($"Plugins: {policy.Text}, policy {policy.Sha256}", said, StringComparison.Ordinal);
        Assert.Contains($"{_run.Spec.Defenses[1].Label}: {standing}.", said, StringComparison.Ordinal);
        Assert.DoesNotContain("came with titer", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_is_open_goes_on_when_the_program_comes_back()
    {
        _run.Play(10);
        var token = PageToken.New();
        var page = await OpenPage.Of(new PageOptions([_run.Path]) { Token = token, Port = 0 });
        var port = page.Host.Address.Port;
        try
        {
            await Browser.Check("restart", page.Host.Url.ToString(), "25/", async line =>
            {
                if (line == "open") await page.DisposeAsync();
                if (line != "lost") return;
                _run.Play(15);
                page = await OpenPage.Of(new PageOptions([_run.Path]) { Token = token, Port = port });
            });
        }
        finally
        {
            await page.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_page_as_one_file_opens_from_a_disk_and_asks_for_nothing()
    {
        _run.Play();
        var file = Path.Combine(_run.Path, "report.html");
        File.WriteAllText(file, SinglePage.Html([KeptRun.Read(_run.Path, null)]));
        await Browser.Check("file", new Uri(file).AbsoluteUri, _run.Path);
        Assert.True(new FileInfo(Path.Combine(_run.Path, "leaderboard.pdf")).Length > 10_000, "What was printed is empty.");
    }

    [Fact]
    public async Task The_scripts_are_sound_to_a_compiler_of_types()
    {
        Browser.SkipWithout();
        var folder = Path.Combine(Browser.Folder, "page");
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(Path.Combine(folder, "vendor"));
        foreach (var file in Directory.GetFiles(Sources)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        // The library as its authors declare it: its own sources are not typed.
        File.Copy(Path.Combine(Browser.Folder, "node_modules", "uplot", "dist", "uPlot.d.ts"), Path.Combine(folder, "vendor", "uPlot.esm.d.ts"));
        await Browser.Node([Path.Combine("node_modules", "typescript", "bin", "tsc"), "-p", Path.Combine("page", "jsconfig.json")]);
    }

    [Fact]
    public void The_chart_library_is_what_its_authors_published()
    {
        Browser.SkipWithout();
        (string Own, string Published)[] files =
            [("uPlot.esm.js", "dist/uPlot.esm.js"), ("uPlot.min.css", "dist/uPlot.min.css"), ("uPlot.LICENSE.txt", "LICENSE")];
        Assert.All(files, f =>
            Assert.Equal(Hash(Path.Combine(Browser.Folder, "node_modules", "uplot", f.Published)), Hash(Path.Combine(Sources, "vendor", f.Own))));
    }

    public void Dispose() => _run.Dispose();

    private static string Sources => Path.Combine(TestRepository.Root, "src", "Titer.View", "Page");

    private static string Hash(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));

    private async Task<OpenPage> Whole()
    {
        Browser.SkipWithout();
        _run.Play();
        _run.WriteBoard();
        return await OpenPage.Of(_run.Path);
    }
}
