using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>Reads <c>leaderboard.json</c> as a user's script would.</summary>
internal sealed class Leaderboard
{
    private readonly JsonNode _root;

    private Leaderboard(JsonNode root) => _root = root;

    public static Leaderboard Read(string resultsFolder) => new(JsonNode.Parse(File.ReadAllText(Path.Combine(resultsFolder, "leaderboard.json")))!);

    /// <summary>The phase files of a results folder.</summary>
    public static IEnumerable<JsonNode> Phases(string resultsFolder) =>
        Directory.GetFiles(Path.Combine(resultsFolder, "phases"), "*.json").Select(f => JsonNode.Parse(File.ReadAllText(f))!);

    public IReadOnlyList<string> Order => [.. _root["leaderboard"]!.AsArray().Select(r => (string)r!["defense"]!)];

    public IEnumerable<JsonNode> Rows => _root["leaderboard"]!.AsArray().Select(r => r!);

    public JsonNode Tournament => _root["tournament"]!;

    public JsonNode Row(string defense) => _root["leaderboard"]!.AsArray().Single(r => (string)r!["defense"]! == defense)!;

    public JsonNode Cell(string defense, string attack, string exposure = "in_domain") => _root["crosstable"]!.AsArray()
        .Single(c => (string)c!["defense"]! == defense && (string)c["attack"]! == attack && (string)c["exposure"]! == exposure)!;

    public IEnumerable<JsonNode> Cells(string defense) =>
        _root["crosstable"]!.AsArray().Where(c => (string)c!["defense"]! == defense).Select(c => c!);

    public IEnumerable<JsonNode> All() => _root["crosstable"]!.AsArray().Select(c => c!);

    /// <summary>Everything that was measured of a defense; ranks are relative and left out.</summary>
    public string Scores(string defense)
    {
        var row = Row(defense).DeepClone().AsObject();
        foreach (var relative in new[] { "rank", "rank_low", "rank_high" }) row.Remove(relative);
        return row.ToJsonString() + string.Concat(Cells(defense).Select(c => c.ToJsonString()));
    }

    /// <summary>Everything but the timings.</summary>
    public string WithoutTimings()
    {
        var copy = _root.DeepClone();
        Assert.True(copy.AsObject().Remove("timings"));
        return copy.ToJsonString();
    }
}
