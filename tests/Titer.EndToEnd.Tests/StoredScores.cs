using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>Scores of a stored result as a reader finds them: written out, or as the distinct ones and a digit for each.</summary>
internal static class StoredScores
{
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// <summary>[row][column].</summary>
    public static double[][] Table(JsonNode node) => node is JsonArray rows
        ? [.. rows.Select(row => row!.AsArray().Select(score => (double)score!).ToArray())]
        : [.. node["rows"]!.AsArray().Select(row => Unpacked(node, row!))];

    public static double[] Row(JsonNode node) =>
        node is JsonArray scores ? [.. scores.Select(score => (double)score!)] : Unpacked(node, node["row"]!);

    private static double[] Unpacked(JsonNode node, JsonNode digits) =>
        [.. ((string)digits!).Select(digit => (double)node["scores"]![Digits.IndexOf(digit, StringComparison.Ordinal)]!)];
}
