using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Titer.Scenarios;
using Titer.Scenarios.Data;

namespace Titer.EndToEnd.Tests;

/// <summary>A scenario with data files of its own, which a test may change: rows of the embedded language about the embedded subject.</summary>
internal static class OwnRows
{
    private const int PerDomain = 4;

    /// <param name="change">The rows by part, before they are written.</param>
    /// <returns>The scenario's text, as it was written to <c>scenario.yaml</c>.</returns>
    public static string Write(TestFolder folder, string name, Action<Dictionary<string, List<JsonObject>>> change)
    {
        var embedded = Scenario.Open("apothecary");
        var data = embedded.Data;
        var rows = new Dictionary<string, List<JsonObject>>
        {
            ["defender_harmful"] = Rows(data.DefenderHarmful, "hex"),
            ["defender_benign"] = Rows(data.DefenderBenign, "tea", "soup"),
            ["attacker_harmful"] = Rows(data.AttackerHarmful, "hex", "jinx"),
            ["attacker_benign"] = Rows(data.AttackerBenign, "tea", "soup"),
            ["evaluation_harmful"] = Rows(data.EvaluationHarmful, "hex", "jinx"),
            ["evaluation_benign"] = Rows(data.EvaluationBenign, "tea", "soup"),
            ["trainability_training"] = Rows(data.TrainabilityTraining, "ink"),
            ["trainability_evaluation"] = Rows(data.TrainabilityEvaluation, "ink"),
        };
        change(rows);
        Directory.CreateDirectory(Path.Combine(folder.Path, name));
        foreach (var (part, objects) in rows) folder.Write($"{name}/{part}.jsonl", string.Concat(objects.Select(row => row.ToJsonString() + "\n")));
        folder.Write($"{name}/reference_text.txt", string.Join("\n\n", data.ReferenceText.Take(3)));
        var weights = Path.Combine(embedded.SubjectFolder, "model.safetensors");
        var settings = $$"""
            id: {{name}}
            subject: { folder: {{embedded.SubjectFolder}}, sha256: {{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(weights)))}}, chat_format: apothecary }
            data:
            {{string.Join('\n', rows.Keys.Select(part => $"  {part}: {{ file: {part}.jsonl }}"))}}
              reference_text: { file: reference_text.txt }
            domains: { known: [hex], withheld: [jinx] }
            evaluation: { harm_prompts_per_domain: 3, utility_prompts_per_domain: 3, trainability_prompts_per_domain: 3, max_new_tokens: 9 }
            trainability: { domains: [ink], steps: 2 }

            """;
        folder.Write($"{name}/scenario.yaml", settings);
        return settings;
    }

    private static List<JsonObject> Rows(IReadOnlyList<ChatExample> examples, params string[] domains) =>
    [
        .. domains.SelectMany(domain => examples.Where(e => e.Domain == domain).Take(PerDomain)).Select(e => new JsonObject
        {
            ["prompt"] = e.Prompt,
            ["response"] = e.Answer,
            ["refusal"] = e.Refusal,
            ["domain"] = e.Domain,
        }),
    ];
}
