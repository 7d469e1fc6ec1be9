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
        var json = Of("phases/*.json", TournamentJson.Default.PhaseResult, Stored);
        var properties = json["properties"]!.AsObject();
        properties["checksum"] = Hash("SHA-256 of the file without what stands behind its last member before this one.");
        properties["seal"] = Hash("Of the host that measured it; missing where it has no key.");
        return json;
    }

    /// <summary>Of anything that this host writes by a type.</summary>
    public static JsonObject Of(string title, JsonTypeInfo type) => Of(title, type, Written);

    private static JsonObject Of(string title, JsonTypeInfo type, Func<Type, JsonObject?> written)
    {
        var json = JsonSchemaExporter.GetJsonSchemaAsNode(type, new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, schema) => written(context.TypeInfo.Type) ?? schema,
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

    /// <summary>Scores of a stored result: packed, or written out where there are too many distinct ones, and by versions before 4.</summary>
    private static JsonObject? Stored(Type type) =>
        type == typeof(IReadOnlyList<double>) ? Packed("row", new JsonObject { ["type"] = "string" }, List(Number()))
        : type == typeof(IReadOnlyList<IReadOnlyList<double>>)
            ? Packed("rows", new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } }, List(List(Number())))
        : Written(type);

    private static JsonObject Packed(string member, JsonObject digits, JsonObject plain)
    {
        digits["description"] = "A digit (0-9a-zA-Z) for each score: which of 'scores' it is.";
        var packed = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { ["scores"] = List(Number()), [member] = digits },
            ["required"] = new JsonArray("scores", member),
        };
        return new JsonObject { ["anyOf"] = new JsonArray(packed, plain) };
    }

    private static JsonObject Number() => new() { ["type"] = new JsonArray("number", "null") };

    private static JsonObject List(JsonObject item) => new() { ["type"] = new JsonArray("array", "null"), ["items"] = item };

    private static JsonObject Hash(string description) => new() { ["type"] = "string", ["description"] = description };
}
