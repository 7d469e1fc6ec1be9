using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Titer.League.Standing;
using Titer.Runtime.Results;
using Titer.Runtime.Seasons;
using Titer.Tournament.Tuning;

namespace Titer.Cli.Printed;

/// <summary>What <c>titer schema</c> says of documents that titer writes: files, and what verbs print with <c>--json</c>.</summary>
internal static class PrintedSchemas
{
    /// <summary>By name. That of a verb is its words with <c>-json</c> behind them.</summary>
    public static IReadOnlyDictionary<string, Func<JsonObject>> All { get; } = new SortedDictionary<string, Func<JsonObject>>(StringComparer.Ordinal)
    {
        ["leaderboard"] = ResultSchemas.Leaderboard,
        ["phase"] = ResultSchemas.Phase,
        ["season"] = () => ResultSchemas.Of("season.json", SeasonJson.Default.SeasonDocument),
        ["standing"] = () => ResultSchemas.Of("league.json", LeagueJson.Default.LeagueDocument),
        ["tuning"] = () => ResultSchemas.Of("tuning.json", TuningDocument.Written),
        ["clean-json"] = OfVerb("clean", PrintedJson.Default.CleanDocument),
        ["data-check-json"] = OfVerb("data check", PrintedJson.Default.DataCheckDocument),
        ["data-list-json"] = OfVerb("data list", PrintedJson.Default.IReadOnlyListPresetDocument),
        ["doctor-json"] = OfVerb("doctor", PrintedJson.Default.Diagnosis),
        ["explain-json"] = ExplainedCodes,
        ["export-json"] = OfVerb("export", PrintedJson.Default.ExportDocument),
        ["help-json"] = OfVerb("help", PrintedJson.Default.HelpDocument),
        ["judge-check-json"] = OfVerb("judge-check", PrintedJson.Default.JudgeCheckDocument),
        ["list-json"] = OfVerb("list", PrintedJson.Default.IReadOnlyListListedPlugin),
        ["new-json"] = OfVerb("new", PrintedJson.Default.NewDocument),
        ["plan-json"] = OfVerb("plan", PrintedJson.Default.PlanDocument),
        ["play-json"] = OfVerb("play", PrintedJson.Default.PlayDocument),
        ["plugin-json"] = OfVerb("plugin", PrintedJson.Default.PluginDocument),
        ["protocol-json"] = OfVerb("protocol", PrintedJson.Default.IReadOnlyListProtocolDocument),
        ["quarantine-json"] = OfVerb("plugin quarantine list", PrintedJson.Default.IReadOnlyListQuarantineEntry),
        ["report-traces-json"] = OfVerb("report --traces", PrintedJson.Default.IReadOnlyListTraceDocument),
        ["scenario-build-json"] = OfVerb("scenario build", PrintedJson.Default.ScenarioBuildDocument),
        ["scenario-calibrate-json"] = OfVerb("scenario calibrate", PrintedJson.Default.CalibrationDocument),
        ["scenario-check-json"] = OfVerb("scenario check", PrintedJson.Default.ScenarioCheckDocument),
        ["season-json"] = OfVerb("season", PrintedJson.Default.SeasonVerbDocument),
        ["status-json"] = OfVerb("status", PrintedJson.Default.StatusDocument),
        ["submit-json"] = OfVerb("submit", PrintedJson.Default.SubmitDocument),
        ["validate-json"] = OfVerb("plugin validate", PrintedJson.Default.ConformanceFinding),
        ["verify-json"] = OfVerb("verify", PrintedJson.Default.VerifyDocument),
        ["view-json"] = OfVerb("view", PrintedJson.Default.PageDocument),
    };

    private static Func<JsonObject> OfVerb(string verb, JsonTypeInfo type) => () => ResultSchemas.Of($"titer {verb} --json", type);

    /// <summary>Of one code, or of all of them.</summary>
    private static JsonObject ExplainedCodes()
    {
        var all = ResultSchemas.Of("titer explain --json", PrintedJson.Default.IReadOnlyListTiterCode);
        var one = ResultSchemas.Of("titer explain CODE --json", PrintedJson.Default.TiterCode);
        return new JsonObject
        {
            ["$schema"] = all["$schema"]!.DeepClone(), ["title"] = "titer explain --json",
            ["anyOf"] = new JsonArray(new[] { all, one }.Select(JsonNode? (schema) =>
            {
                schema.Remove("$schema");
                return schema;
            }).ToArray()),
        };
    }
}
