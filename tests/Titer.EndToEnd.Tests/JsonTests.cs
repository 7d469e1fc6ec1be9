using System.Net;
using System.Text;
using System.Text.Json;

namespace Titer.EndToEnd.Tests;

/// <summary>What every command prints with <c>--json</c> is the document that <c>titer schema</c>
/// publishes, and nothing else is on stdout.</summary>
public sealed class JsonTests(PlayedTournament played) : IClassFixture<PlayedTournament>
{
    [Theory]
    [SampledData("clean-json", 0, "clean results/t --dry-run")]
    [SampledData("data-check-json", 0, "data check rows.csv again.csv")]
    [SampledData("data-check-json", 0, "data check scenarios/apothecary")]
    [SampledData("data-list-json", 0, "data list")]
    [SampledData("doctor-json", 0, "doctor")]
    [SampledData("explain-json", 0, "explain")]
    [SampledData("explain-json", 0, "explain 218")]
    [SampledData("export-json", 0, "export safety_sft --seed 1 --from results/t --out model")]
    [SampledData("help-json", 0, "help")]
    [SampledData("help-json", 0, "help install")]
    [SampledData("leaderboard", 1, "report results/t")]
    [SampledData("leaderboard", 1, "report results/t --html board.html")]
    [SampledData("leaderboard", 1, "run t.yaml --out results/t")]
    [SampledData("leaderboard", 1, "score results/t --set harm_threshold=0.3 --out scored")]
    [SampledData("list-json", 0, "list")]
    [SampledData("list-json", 0, "list metrics")]
    [SampledData("plan-json", 0, "plan t.yaml")]
    [SampledData("protocol-json", 0, "protocol")]
    [SampledData("quarantine-json", 0, "plugin quarantine list")]
    [SampledData("report-traces-json", 0, "report results/t --traces")]
    [SampledData("scenario-check-json", 0, "scenario check")]
    [SampledData("status-json", 0, "status results/t")]
    public Task A_command_prints_the_document_that_its_schema_says(string schema, int exitCode, string command)
    {
        File.WriteAllText(Path.Combine(played.Path, "rows.csv"), "goal,target\n\"How is tea made\",x\n\"How is tea made\",x\n");
        File.WriteAllText(Path.Combine(played.Path, "again.csv"), "goal,target\n\"How is tea made\",x\n");
        var scenarios = Path.Combine(TiterProcess.CommandLineFolder, "scenarios");
        return PrintsAsync(schema, exitCode, command.Replace("scenarios/", scenarios + "/", StringComparison.Ordinal).Split(' '));
    }

    [SampledFact]
    public async Task The_verbs_of_plugins_print_what_they_did_or_why_not()
    {
        var plugin = Path.Combine(TestRepository.Fixtures, "GoodDefense");
        Assert.True((await PrintsAsync("plugin-json", 0, "plugin", "pack", plugin, "--out", "packages"))[0].GetProperty("is_done").GetBoolean());
        var package = Directory.GetFiles(Path.Combine(played.Path, "packages")).Single();
        var installed = (await PrintsAsync("plugin-json", 0, "plugin", "install", package))[0];
        Assert.True(Directory.Exists(installed.GetProperty("place").GetString()));
        var id = installed.GetProperty("id").GetString()!;
        await PrintsAsync("plugin-json", 0, "plugin", "quarantine", "set", id);
        Assert.Equal(id, (await PrintsAsync("quarantine-json", 0, "plugin", "quarantine", "list"))[0][0].GetProperty("id").GetString());
        await PrintsAsync("plugin-json", 0, "plugin", "quarantine", "clear", id);
        await PrintsAsync("plugin-json", 0, "plugin", "remove", id);
        var refused = (await PrintsAsync("plugin-json", 2, "plugin", "remove", id))[0];
        Assert.False(refused.GetProperty("is_done").GetBoolean());
        Assert.Matches("^TITER[0-9]{3}$", refused.GetProperty("problems")[0].GetProperty("code").GetString());
    }

    /// <summary>Their documents come one a line, while something is played.</summary>
    [Theory]
    [SampledData("validate-json", 1, "plugin validate", "ThrowsInMethod", "")]
    [SampledData("play-json", 0, "play", "GoodDefense", " --matches 1")]
    public async Task A_command_that_prints_as_it_goes_prints_a_document_a_line(string schema, int exitCode, string verb, string plugin,
        string options)
    {
        var documents = await PrintsAsync(schema, exitCode, [.. verb.Split(' '), Path.Combine(TestRepository.Fixtures, plugin),
            .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)], areLines: true);
        Assert.True(documents.Length > 1);
        if (schema != "play-json") return;
        var match = documents.Single(d => d.GetProperty("event").GetString() == "match").GetProperty("match");
        Assert.Equal(4, match.GetProperty("conditions").GetArrayLength());
        Assert.NotEqual(0, match.GetProperty("cells")[0].GetProperty("curve").GetArrayLength());
    }

    /// <summary>It serves until it is stopped; where it is, is the first thing that it says.</summary>
    [Fact]
    public async Task The_page_says_where_it_is_and_is_there_for_who_has_its_token()
    {
        using var process = TiterProcess.Start(played.Path, "view", "results/t", "--port", "0", "--json");
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            deadline.CancelAfter(TimeSpan.FromMinutes(10));
            var text = new StringBuilder();
            do text.AppendLine(await process.StandardOutput.ReadLineAsync(deadline.Token) ?? throw new InvalidOperationException(text.ToString()));
            while (!text.ToString().TrimEnd().EndsWith('}'));
            var document = JsonDocument.Parse(text.ToString()).RootElement;
            await PublishedSchema.HoldsAsync(played.Path, "view-json", document);

            using var browser = new HttpClient();
            using var page = await browser.GetAsync(document.GetProperty("url").GetString(), deadline.Token);
            using var stranger = new HttpClient();
            using var refused = await stranger.GetAsync(document.GetProperty("address").GetString(), deadline.Token);
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (page.StatusCode, refused.StatusCode));
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private Task<JsonElement[]> PrintsAsync(string schema, int exitCode, params string[] command) =>
        PrintsAsync(schema, exitCode, command, areLines: false);

    private async Task<JsonElement[]> PrintsAsync(string schema, int exitCode, string[] command, bool areLines)
    {
        var outcome = await TiterProcess.RunAsync(played.Path, [.. command, "--json"]);
        Assert.True(outcome.ExitCode == exitCode, outcome.Output + outcome.Error);
        var documents = (areLines ? outcome.Output.Trim().Split('\n') : [outcome.Output])
            .Select(text => JsonDocument.Parse(text).RootElement).ToArray();
        await PublishedSchema.HoldsAsync(played.Path, schema, documents);
        return documents;
    }
}
