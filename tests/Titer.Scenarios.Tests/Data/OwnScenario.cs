using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Titer.Scenarios.Data;

namespace Titer.Scenarios.Tests.Data;

/// <summary>A scenario in a temporary folder whose data are files of every kind, made of the embedded
/// language's own sentences, about the embedded subject.</summary>
internal sealed class OwnScenario : IDisposable
{
    private readonly DataFolder _folder = new();

    private OwnScenario(string subject)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(System.IO.Path.Combine(subject, "model.safetensors"))));
        Settings = $$"""
            id: own
            subject: { folder: {{subject}}, sha256: {{hash}}, chat_format: apothecary }
            data:
              defender_harmful: { file: defender-harmful.jsonl }
              defender_benign: { file: defender-benign.csv.gz, columns: { prompt: question, response: reply }, domain: topic }
              attacker_harmful: { file: attacker-harmful.json, shape: messages }
              attacker_benign: { file: attacker-benign.tsv, header: [instruction, output, domain], shape: alpaca, limit: 6 }
              evaluation_harmful: { file: evaluation-harmful.parquet, domain: kind }
              evaluation_benign: { file: evaluation-benign.jsonl }
              trainability_training: { file: training.jsonl, domain: ink }
              trainability_evaluation: { file: held-out.jsonl, domain: ink }
              reference_text: { file: reference.txt }
            domains: { known: [hex], withheld: [jinx] }
            evaluation: { harm_prompts_per_domain: 3, utility_prompts_per_domain: 3, trainability_prompts_per_domain: 3, max_new_tokens: 9 }

            """;
    }

    public string Path => _folder.Path;

    public string Settings { get; set; }

    public static async Task<OwnScenario> Make()
    {
        var embedded = Scenarios.Scenario.Open("apothecary");
        var own = new OwnScenario(embedded.SubjectFolder);
        var data = embedded.Data;
        own.Write("defender-harmful.jsonl",
            Lines(Some(data.DefenderHarmful, 4, "hex"),
                e => new() { ["prompt"] = e.Prompt, ["chosen"] = e.Refusal, ["rejected"] = e.Answer, ["domain"] = e.Domain }));
        own.Write("defender-benign.csv.gz",
            "question,reply,topic\n"
                + string.Concat(Some(data.DefenderBenign, 4, "tea", "soup").Select(e => $"\"{e.Prompt}\",\"{e.Answer}\",{e.Domain}\n")));
        own.Write("attacker-harmful.json", "[" + string.Join(",\n", Some(data.AttackerHarmful, 4, "hex", "jinx").Select(e => new JsonObject
        {
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = e.Prompt },
                new JsonObject { ["role"] = "assistant", ["content"] = e.Answer }),
            ["domain"] = e.Domain,
        }.ToJsonString())) + "]");
        own.Write("attacker-benign.tsv",
            string.Concat(Some(data.AttackerBenign, 4, "tea", "soup").Select(e => $"{e.Prompt}\t{e.Answer}\t{e.Domain}\n")));
        own._folder.Write("evaluation-harmful.parquet",
            await ParquetFiles.Of(Some(data.EvaluationHarmful, 4, "hex", "jinx")
                .Select(e => new Forbidden { prompt = e.Prompt, response = e.Answer, kind = e.Domain }).ToArray()));
        own.Write("evaluation-benign.jsonl", Lines(Some(data.EvaluationBenign, 4, "tea", "soup"), e => new()
        {
            ["conversations"] = new JsonArray(new JsonObject { ["from"] = "human", ["value"] = e.Prompt },
                new JsonObject { ["from"] = "gpt", ["value"] = e.Answer }), ["domain"] = e.Domain,
        }));
        own.Write("training.jsonl", Lines(Some(data.TrainabilityTraining, 8, "ink"), e => new() { ["prompt"] = e.Prompt, ["response"] = e.Answer }));
        own.Write("held-out.jsonl",
            Lines(Some(data.TrainabilityEvaluation, 4, "ink"), e => new() { ["prompt"] = e.Prompt, ["response"] = e.Answer }));
        own.Write("reference.txt", string.Join("\n\n", data.ReferenceText.Take(5)));
        return own;
    }

    public void Write(string name, string text) => _folder.Write(name, text);

    public Scenario Open()
    {
        _folder.Write("scenario.yaml", Settings);
        return Scenario.Open(Path);
    }

    public void Edit(string from, string to)
    {
        Assert.Contains(from, Settings, StringComparison.Ordinal);
        Settings = Settings.Replace(from, to, StringComparison.Ordinal);
    }

    public void EditFile(string name, Func<string, string> edit)
    {
        var path = System.IO.Path.Combine(Path, name);
        File.WriteAllText(path, edit(File.ReadAllText(path)));
    }

    public void Dispose() => _folder.Dispose();

    private static ChatExample[] Some(IReadOnlyList<ChatExample> examples, int perDomain, params string[] domains) =>
        [.. domains.SelectMany(domain => examples.Where(e => e.Domain == domain).Take(perDomain))];

    private static string Lines(IEnumerable<ChatExample> examples, Func<ChatExample, JsonObject> row)
    {
        var text = new StringBuilder();
        foreach (var example in examples) text.Append(row(example).ToJsonString()).Append('\n');
        return text.ToString();
    }

    internal sealed class Forbidden
    {
        public string? prompt { get; set; }

        public string? response { get; set; }

        public string? kind { get; set; }
    }
}
