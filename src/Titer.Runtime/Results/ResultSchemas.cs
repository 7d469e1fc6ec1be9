using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Titer.Tournament;

namespace Titer.Runtime.Results;

/// <summary>JSON Schemas of what a run leaves, of the very types that are written.</summary>
internal static class ResultSchemas
{
    private const string Dialect = "https://json-schema.org/draft/2020-12/schema";

    /// <summary>Of <c>leaderboard.json</c>, and of what <c>titer run --json</c> and <c>titer report --json</c> print.</summary>
    public static JsonObject Leaderboard() => Of("leaderboard.json", TournamentJson.Default.LeaderboardDocument);

    /// <summary>Of the files in <c>phases/</c>.</summary>
    public static JsonObject Phase()
    {
        var json = Of("phases/*.json", TournamentJson.Default.PhaseResult);
        var properties = json["properties"]!.AsObject();
        properties["checksum"] = Hash("SHA-256 of the file without what stands behind its last member before this one.");
        properties["seal"] = Hash("Of the host that measured it; missing where it has no key.");
        return json;
    }

    /// <summary>Of anything that this host writes by a type.</summary>
    public static JsonObject Of(string title, JsonTypeInfo type)
    {
        var json = JsonSchemaExporter.GetJsonSchemaAsNode(type, new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = static (context, schema) => Written(context.TypeInfo.Type) ?? schema,
        }).AsObject();
        json.Insert(0, "$schema", Dialect);
        json.Insert(1, "title", title);
        return json;
    }

    /// <summary>Numbers and rows of numbers have writers of their own, of which the exporter knows nothing: what is not finite is null.</summary>
    private static JsonObject? Written(Type type) =>
        type == typeof(double) || type == typeof(double?) ? Number()
        : type == typeof(IReadOnlyList<double>) ? List(Number())
        : type == typeof(IReadOnlyList<IReadOnlyList<double>>) ? List(List(Number()))
        : null;

    private static JsonObject Number() => new() { ["type"] = new JsonArray("number", "null") };

    private static JsonObject List(JsonObject item) => new() { ["type"] = new JsonArray("array", "null"), ["items"] = item };

    private static JsonObject Hash(string description) => new() { ["type"] = "string", ["description"] = description };
}
