using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using Titer.League.Configuration;
using Titer.Runtime.Configuration;
using Titer.Runtime.Results;
using Titer.Scenarios;
using Titer.Scenarios.Yaml;
using Titer.Tournament;
using YamlDotNet.RepresentationModel;

namespace Titer.Cli.Tests;

/// <summary>Schemas that are published say what the readers and writers do.</summary>
public sealed class SchemaTests
{
    private static readonly EvaluationOptions Options = new() { OutputFormat = OutputFormat.List };

    public static TheoryData<string> Files => new("tournament", "scenario", "league");

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_key_that_a_reader_takes_is_explained_and_no_other(string file)
    {
        var schema = Yaml(file);
        Assert.NotEmpty(schema.Rows);
        Assert.Empty(schema.Rows.Where(row => row.Meaning.Length == 0).Select(row => row.Path));
        Assert.Empty(schema.Rows.Where(row => row.Values.Length == 0).Select(row => row.Path));
        Assert.Empty(schema.Unknown);
    }

    [Theory]
    [InlineData("seeds: [1, 2]")]
    [InlineData("seeds: 1")]
    [InlineData("seeds: [one]")]
    [InlineData("seeds: ['1']")]
    [InlineData("sedes: [1]")]
    [InlineData("aa: true")]
    [InlineData("aa: maybe")]
    [InlineData("attack_seeds: 0")]
    [InlineData("budget: { attack: { steps: 5, tries: 2 } }")]
    [InlineData("budget: { defense: { tries: 2 } }")]
    [InlineData("budget: { metric: { steps: 2 } }")]
    [InlineData("budget: { attack: { megabytes: 1 } }")]
    [InlineData("defenses: [vaccine, { id: repnoise, set: { learning_rate: 1e-3, layers: [1, 2] } }]")]
    [InlineData("defenses: [{ set: { learning_rate: 1e-3 } }]")]
    [InlineData("defenses: vaccine")]
    [InlineData("attacks: [{ id: lora_finetune, sweep: { rank: [4, 8] }, strengths: [weak] }]")]
    [InlineData("attacks: [{ id: lora_finetune, sweep: { rank: 4 } }]")]
    [InlineData("attacks: [{ id: lora_finetune, search: { tries: 4, over: { learning_rate: { from: 1e-6, to: 1e-2 }, schedule: [cosine] } } }]")]
    [InlineData("attacks: [{ id: lora_finetune, search: { over: { learning_rate: { from: 1e-6, until: 1e-2 } } } }]")]
    [InlineData("metrics: { harm: my_metric, also: [refusal_match, { id: x, set: { full: 0.5 } }] }")]
    [InlineData("metrics: { harm: { set: { full: 0.5 } } }")]
    [InlineData("metrics: { harmony: my_metric }")]
    [InlineData("aggregations: { top_n: 3, utility_losses: [0.05, 0.1] }")]
    [InlineData("aggregations: { utility_losses: [2] }")]
    [InlineData("plugins: [./mine]")]
    public void A_tournament_file_is_taken_by_its_schema_where_its_reader_takes_it(string text) =>
        Assert.Equal(IsRead(() => TournamentFileReader.Parse("t.yaml", text)), IsValid(Yaml("tournament").Json(), Json(text)));

    [Theory]
    [InlineData("watch: [plugins, packages]\nresults: results\nlanes: 2\nseeds: [1]")]
    [InlineData("watch: plugins")]
    [InlineData("lanes: 0")]
    [InlineData("lane: 2")]
    [InlineData("plugins: [x]")]
    [InlineData("aa: true")]
    [InlineData("defenses: [vaccine, { id: mine, set: { rank: 4 } }]\nbudget: { attack: { steps: 5 } }")]
    public void A_league_is_taken_by_its_schema_where_its_reader_takes_it(string text) =>
        Assert.Equal(IsRead(() => LeagueFileReader.Parse("l.yaml", text)), IsValid(Yaml("league").Json(), Json(text)));

    [Theory]
    [InlineData("", "")]
    [InlineData("id: apothecary\n", "")]
    [InlineData("\nseeds:", "\nsedes:")]
    [InlineData("generator: apothecary", "generator: other")]
    [InlineData("harm_threshold:", "harm_treshold:")]
    public void The_embedded_scenario_is_taken_by_its_schema_where_its_reader_takes_it(string from, string to)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "scenarios", "apothecary", "scenario.yaml");
        var text = File.ReadAllText(file);
        if (from.Length > 0)
        {
            Assert.Contains(from, text, StringComparison.Ordinal);
            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        Assert.Equal(from.Length == 0, IsValid(Yaml("scenario").Json(), Json(text)));
    }

    [Fact]
    public void A_leaderboard_is_what_its_schema_says_and_one_without_its_rows_is_not()
    {
        var board = JsonNode.Parse(TournamentJson.Serialize(LeaderboardDocument.From(Board.Report())))!;
        Assert.Empty(Problems(ResultSchemas.Leaderboard(), board));
        board["leaderboard"]![0]!["defense"] = 5;
        Assert.NotEmpty(Problems(ResultSchemas.Leaderboard(), board));
    }

    [Fact]
    public void What_a_run_left_is_what_the_schemas_say()
    {
        using var run = new KeptResults();
        Assert.Empty(Problems(ResultSchemas.Leaderboard(), JsonNode.Parse(File.ReadAllText(Path.Combine(run.Results, "leaderboard.json")))));
        var phases = Directory.GetFiles(Path.Combine(run.Results, "phases"));
        Assert.NotEmpty(phases);
        var schema = ResultSchemas.Phase();
        Assert.All(phases, phase => Assert.Empty(Problems(schema, JsonNode.Parse(File.ReadAllText(phase)))));
        Assert.True(IsValid(Yaml("tournament").Json(), Json(File.ReadAllText(Path.Combine(run.Results, "run.yaml")))));
    }

    private static YamlSchema Yaml(string file) => file switch
    {
        "tournament" => TournamentKeys.Schema,
        "league" => LeagueKeys.Schema,
        _ => ScenarioKeys.Schema,
    };

    private static bool IsRead(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (YamlProblemException)
        {
            return false;
        }
    }

    private static bool IsValid(JsonObject schema, JsonNode? value) => Problems(schema, value).Length == 0;

    internal static string[] Problems(JsonObject schema, JsonNode? value)
    {
        var result = JsonSchema.FromText(schema.ToJsonString()).Evaluate(JsonSerializer.SerializeToElement(value), Options);
        return result.IsValid ? [] : [.. (result.Details ?? []).Where(d => d.Errors is not null)
            .SelectMany(d => d.Errors!.Select(e => $"{d.InstanceLocation}: {e.Value}")).DefaultIfEmpty("not valid")];
    }

    private static JsonNode? Json(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return Json(stream.Documents[0].RootNode);
    }

    /// <summary>As editors see it: what is not quoted is a number or a flag where it looks like one.</summary>
    private static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Select(e => KeyValuePair.Create(((YamlScalarNode)e.Key).Value!, Json(e.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Select(Json)]),
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain } plain => plain.Value switch
        {
            "true" => JsonValue.Create(true),
            "false" => JsonValue.Create(false),
            var text when long.TryParse(text, out var whole) => JsonValue.Create(whole),
            var text when double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
            var text => JsonValue.Create(text),
        },
        YamlScalarNode quoted => JsonValue.Create(quoted.Value),
        _ => null,
    };
}
