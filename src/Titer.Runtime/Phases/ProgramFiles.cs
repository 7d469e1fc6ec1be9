using System.Text.Json;
using System.Text.Json.Serialization;
using Titer.Models.Checkpoints;
using Titer.Scenarios;
using Titer.Sdk.Data;
using Titer.Sdk.Models;

namespace Titer.Runtime.Phases;

/// <summary>What a program is told: a file of JSON, whose path is its last argument. Paths are full.</summary>
/// <param name="Version">1.</param>
/// <param name="Kind"><c>defense</c>.</param>
/// <param name="Seed">Of all that is random in it: the same seed, the same model.</param>
/// <param name="Device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
/// <param name="Model">The undefended subject: a checkpoint in Hugging Face layout.</param>
/// <param name="Harmful">Rows of JSON lines (<see cref="ProgramRow"/>): forbidden questions with a harmful answer and a refusal.</param>
/// <param name="Benign">Rows without a refusal.</param>
/// <param name="Output">An empty folder for the defended checkpoint, or a PEFT adapter, and <c>spent.json</c>.</param>
internal sealed record ProgramTask(int Version, string Kind, ulong Seed, string Device, ProgramBudget Budget, string Model, string Harmful,
    string Benign, string Output);

/// <summary>What the program may spend.</summary>
internal sealed record ProgramBudget(int Steps, long? Samples, double Seconds, double? Megabytes);

/// <summary>What it says that it spent, in <c>spent.json</c>: its own word, and said to be so.</summary>
internal sealed record ProgramSpent(long Steps, long Samples = 0, long Tokens = 0);

/// <summary>One conversation, as text and in the subject's tokens.</summary>
/// <param name="PromptTokens">How many of the tokens are prompt.</param>
internal sealed record ProgramRow(string Id, string Domain, string Prompt, string Answer, IReadOnlyList<int> Tokens, int PromptTokens)
{
    public string? Refusal { get; init; }

    public IReadOnlyList<int>? RefusalTokens { get; init; }

    public int? RefusalPromptTokens { get; init; }
}

/// <summary>The folder that a program gets, and what it leaves.</summary>
internal sealed class ProgramFiles(string folder)
{
    private const int MostSpentBytes = 4096;

    public string TaskFile { get; } = Path.Combine(folder, "task.json");

    public string Output { get; } = Path.Combine(folder, "output");

    /// <exception cref="IOException">The disk is full.</exception>
    public void Write(PhaseOrder order, ScenarioSession session)
    {
        var (model, harmful, benign) = (Path.Combine(folder, "model"), Path.Combine(folder, "harmful.jsonl"), Path.Combine(folder, "benign.jsonl"));
        Directory.CreateDirectory(Output);
        Directory.CreateDirectory(model);
        foreach (var file in Directory.EnumerateFiles(order.SubjectFolder).Where(f => !IsWeights(Path.GetFileName(f))))
            File.Copy(file, Path.Combine(model, Path.GetFileName(file)));
        using (var subject = session.LoadSubject())
            CheckpointWriter.WriteWeights(subject, Path.Combine(model, CheckpointFiles.WeightsFile), order.SubjectFolder);
        var data = session.DefenseData();
        WriteRows(harmful, data.Pairs.Select(p => Row(p.Harmful) with
        {
            Refusal = p.Refusal.Answer,
            RefusalTokens = p.Refusal.Tokens,
            RefusalPromptTokens = p.Refusal.PromptLength,
        }));
        WriteRows(benign, data.Benign.Select(Row));
        var limits = order.Limits;
        var task = new ProgramTask(1, "defense", order.Phase.RandomSeed, order.Device,
            new ProgramBudget(limits.Steps, limits.Samples, limits.WallSeconds, limits.MemoryMegabytes), model, harmful, benign, Output);
        File.WriteAllText(TaskFile, JsonSerializer.Serialize(task, ProgramJson.Default.ProgramTask));
    }

    /// <summary>What the program says that it spent; nothing where it says nothing.</summary>
    /// <exception cref="InvalidDataException">It is no such file.</exception>
    public ProgramSpent Spent()
    {
        var file = new FileInfo(Path.Combine(Output, "spent.json"));
        if (!file.Exists) return new ProgramSpent(0);
        try
        {
            if (file.LinkTarget is not null || file.Length > MostSpentBytes) throw new JsonException("It is a link, or too long.");
            return JsonSerializer.Deserialize(File.ReadAllText(file.FullName), ProgramJson.Default.ProgramSpent)
                is { Steps: >= 0, Samples: >= 0, Tokens: >= 0 } spent ? spent : throw new JsonException("A number is negative.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"its spent.json is none: {e.Message}", e);
        }
    }

    private static bool IsWeights(string name) => name.EndsWith(".safetensors", StringComparison.Ordinal)
        || name.EndsWith(".safetensors.index.json", StringComparison.Ordinal) || name.EndsWith(".bin", StringComparison.Ordinal);

    private static ProgramRow Row(TokenizedExample row) => new(row.Id, row.Domain, row.Prompt, row.Answer, row.Tokens, row.PromptLength);

    private static void WriteRows(string path, IEnumerable<ProgramRow> rows) =>
        File.WriteAllLines(path, rows.Select(row => JsonSerializer.Serialize(row, ProgramJson.Default.ProgramRow)));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProgramTask))]
[JsonSerializable(typeof(ProgramRow))]
[JsonSerializable(typeof(ProgramSpent))]
internal sealed partial class ProgramJson : JsonSerializerContext;
