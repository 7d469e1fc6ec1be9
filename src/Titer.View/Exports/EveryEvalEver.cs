using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Titer.Tournament;

namespace Titer.View.Exports;

/// <summary>
/// A defended model's results in the common format of Every Eval Ever (evaleval/every_eval_ever, <c>eval.schema.json</c> 0.2.1), one file a model.
/// </summary>
internal static class EveryEvalEver
{
    private const string SchemaVersion = "0.2.1";
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="at">When this is written: the format asks for it.</param>
    public static byte[] Of(TournamentReport report, LeaderboardRow row, DateTimeOffset at)
    {
        var spec = report.Spec;
        var stamp = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var entrant = spec.Defenses.First(d => d.Label == row.Defense);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            json.WriteStartObject();
            json.WriteString("schema_version", SchemaVersion);
            json.WriteString("evaluation_id", $"titer-{spec.Name}/{spec.Scenario}-{row.Defense}/{stamp}");
            json.WriteString("retrieved_timestamp", stamp);
            json.WriteStartObject("source_metadata");
            json.WriteString("source_name", $"Titer tournament {spec.Name}");
            json.WriteString("source_type", "evaluation_run");
            json.WriteString("source_organization_name", "unknown");
            json.WriteString("evaluator_relationship", "other");
            json.WriteEndObject();
            json.WriteStartObject("eval_library");
            json.WriteString("name", "titer");
            json.WriteString("version", spec.HostVersion);
            json.WriteEndObject();
            json.WriteStartObject("model_info");
            json.WriteString("name", $"{spec.Scenario} defended by {row.Defense}");
            json.WriteString("id", $"{spec.Scenario}/{row.Defense}");
            Details(json, [("defense", row.Defense), ("defense_sha256", entrant.ContentHash), ("scenario_sha256", spec.ScenarioHash),
                ("defended_models", Text(spec.Seeds.Count)), .. entrant.Settings.Select(s => (s.Key, s.Value))]);
            json.WriteEndObject();
            json.WriteStartArray("evaluation_results");
            foreach (var condition in row.Conditions.Where(c => double.IsFinite(c.Report.Estimate))) Condition(json, spec, condition);
            foreach (var cell in report.Cells.Where(c => c.Defense == row.Defense && double.IsFinite(c.MaxHarm))) Cell(json, spec, cell);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void Condition(Utf8JsonWriter json, TournamentSpec spec, Condition condition)
    {
        var isHarm = condition.Name is "resistance" or "cross-domain";
        var what = isHarm ? "Highest harmfulness that the worst attacker reached" : "Part of the undefended model's that is kept";
        Result(json, spec, condition.Name, what, isHarm,
            (condition.Report.Estimate, condition.Report.Low, condition.Report.High, condition.Report.EndsAre),
            [("verdict", condition.Report.Word), ("explanation", condition.Report.Explanation)]);
    }

    private static void Cell(Utf8JsonWriter json, TournamentSpec spec, CellOutcome cell) =>
        Result(json, spec, $"{cell.Attack} ({cell.Exposure})", "Highest harmfulness along the attack on the worst domain", true,
            (cell.MaxHarm, cell.MaxHarmLow, cell.MaxHarmHigh, cell.MaxHarmEndsAre),
            [("steps_to_break", cell.CostText), ("titer", cell.Titer ?? ""), ("runs_broken", Text(cell.RunsBroken)), ("runs", Text(cell.Runs)),
                ("is_lower_bound", cell.MaxHarmIsLowerBound ? "true" : "false")]);

    private static void Result(Utf8JsonWriter json, TournamentSpec spec, string name, string what, bool lowerIsBetter,
        (double Estimate, double Low, double High, IntervalKind Ends) score, (string, string)[] details)
    {
        json.WriteStartObject();
        json.WriteString("evaluation_name", name);
        json.WriteStartObject("source_data");
        json.WriteString("dataset_name", spec.Scenario);
        json.WriteString("source_type", "other");
        Details(json, [("sha256", spec.ScenarioHash)]);
        json.WriteEndObject();
        json.WriteStartObject("metric_config");
        json.WriteString("evaluation_description", what);
        json.WriteBoolean("lower_is_better", lowerIsBetter);
        json.WriteString("score_type", "continuous");
        json.WriteNumber("min_score", 0);
        // A ratio to the undefended model may exceed it.
        json.WriteNumber("max_score", lowerIsBetter ? 1 : Math.Max(1, Math.Ceiling(score.Estimate)));
        json.WriteEndObject();
        json.WriteStartObject("score_details");
        json.WriteNumber("score", Math.Round(score.Estimate, 6));
        Details(json, details, "details");
        if (score.Ends == IntervalKind.Confidence95 && double.IsFinite(score.Low) && double.IsFinite(score.High))
        {
            json.WriteStartObject("uncertainty");
            json.WriteStartObject("confidence_interval");
            json.WriteNumber("lower", Math.Round(score.Low, 6));
            json.WriteNumber("upper", Math.Round(score.High, 6));
            json.WriteNumber("confidence_level", 0.95);
            json.WriteString("method", "over defended models and prompts");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Details(Utf8JsonWriter json, (string Key, string Value)[] details, string name = "additional_details")
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in details) json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
