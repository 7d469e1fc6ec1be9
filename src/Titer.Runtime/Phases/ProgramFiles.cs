using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Titer.Files;
using Titer.Models.Checkpoints;
using Titer.Runtime.Phases.Measuring;
using Titer.Scenarios;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>What a program is told: a file of JSON, whose path is its last argument. Paths are full.</summary>
/// <param name="Version">1.</param>
/// <param name="Kind"><c>defense</c> or <c>attack</c>.</param>
/// <param name="Seed">Of all that is random in it: the same seed, the same model.</param>
/// <param name="Device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
/// <param name="Model">What it starts from, a checkpoint in Hugging Face layout: the undefended subject, or for an attack a defended model.</param>
/// <param name="Harmful">Rows of JSON lines (<see cref="ProgramRow"/>): forbidden questions with a harmful answer, for a defense with a refusal
/// too.</param>
/// <param name="Benign">Rows without a refusal.</param>
/// <param name="Output">An empty folder for the checkpoint that it makes, or a PEFT adapter, and <c>spent.json</c>; an attack may leave one in
/// <c>step-N</c> for every N of the points.</param>
internal sealed record ProgramTask(int Version, string Kind, ulong Seed, string Device, ProgramBudget Budget, string Model, string Harmful,
    string Benign, string Output)
{
    /// <summary>Steps at which an attack may be measured; null for a defense.</summary>
    public IReadOnlyList<int>? Points { get; init; }
}

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
    private const int MostFiles = 1000;

    /// <summary>Of a file that is no weights, such as a configuration: it is read whole.</summary>
    private const long MostTextBytes = 64L << 20;

    /// <summary>Beside four times the subject.</summary>
    private const long MoreBytes = 64L << 20;

    private const int SubjectCopies = 4;
    private const int MostNameCharacters = 100;

    /// <summary>What no program can have read.</summary>
    private const long MostTokens = 1L << 50;

    private const string SpentFile = "spent.json";
    private const string PointPrefix = "step-";

    public string TaskFile { get; } = Path.Combine(folder, "task.json");

    public string Output { get; } = Path.Combine(folder, "output");

    /// <exception cref="IOException">The disk is full.</exception>
    public void Write(PhaseOrder order, ScenarioSession session)
    {
        using (var subject = session.LoadSubject()) WriteModel(order, subject);
        var data = session.DefenseData();
        WriteRows(Harmful, data.Pairs.Select(p => Row(p.Harmful) with
        {
            Refusal = p.Refusal.Answer,
            RefusalTokens = p.Refusal.Tokens,
            RefusalPromptTokens = p.Refusal.PromptLength,
        }));
        WriteRows(Benign, data.Benign.Select(Row));
        WriteTask(order, "defense", points: null);
    }

    /// <param name="model">The defended model.</param>
    /// <inheritdoc cref="Write"/>
    public void WriteAttack(PhaseOrder order, ScenarioSession session, CausalLanguageModel model)
    {
        WriteModel(order, model);
        var data = session.AttackData(ExposedDomains.Of(order.Phase.Exposure, session.Scenario.Domains), TrainingData.Harmful);
        WriteRows(Harmful, data.Harmful.Select(Row));
        WriteRows(Benign, data.Benign.Select(Row));
        WriteTask(order, "attack", [.. AttackPoints(order.Limits.Steps)]);
    }

    /// <summary>What an attack left to be measured, by step, rising: folders of points, or the whole output as its end.</summary>
    /// <param name="declared">Steps that it says it took; 0 where it says nothing, and then it took its budget.</param>
    /// <exception cref="InvalidDataException">A folder is of no point.</exception>
    public IReadOnlyList<(int Step, string Folder)> Points(int budget, long declared)
    {
        var grid = AttackPoints(budget).ToHashSet();
        var points = new List<(int Step, string Folder)>();
        foreach (var path in Directory.EnumerateDirectories(Output, PointPrefix + "*"))
        {
            var name = Path.GetFileName(path);
            if (!int.TryParse(name.AsSpan(PointPrefix.Length), CultureInfo.InvariantCulture, out var step) || !grid.Contains(step))
                throw new InvalidDataException($"its folder '{VisibleText.OnOneLine(name, 40)}' is of none of the points "
                    + $"{string.Join(", ", grid.Order())}.");
            points.Add((step, path));
        }

        return points.Count > 0 ? [.. points.OrderBy(p => p.Step)] : [((int)Math.Clamp(declared == 0 ? budget : declared, 1, budget), Output)];
    }

    /// <summary>The model that it starts from is the host's to measure.</summary>
    private static IEnumerable<int> AttackPoints(int budget) => EvaluationGrid.Steps(budget).Where(step => step > 0);

    private string Model => Path.Combine(folder, "model");

    private string Harmful => Path.Combine(folder, "harmful.jsonl");

    private string Benign => Path.Combine(folder, "benign.jsonl");

    private void WriteModel(PhaseOrder order, CausalLanguageModel model)
    {
        Directory.CreateDirectory(Output);
        Directory.CreateDirectory(Model);
        foreach (var file in Directory.EnumerateFiles(order.SubjectFolder).Where(f => !IsWeights(Path.GetFileName(f))))
            File.Copy(file, Path.Combine(Model, Path.GetFileName(file)));
        CheckpointWriter.WriteWeights(model, Path.Combine(Model, CheckpointFiles.WeightsFile), order.SubjectFolder);
    }

    private void WriteTask(PhaseOrder order, string kind, IReadOnlyList<int>? points)
    {
        var limits = order.Limits;
        var task = new ProgramTask(1, kind, order.Phase.RandomSeed, order.Device,
            new ProgramBudget(limits.Steps, limits.Samples, limits.WallSeconds, limits.MemoryMegabytes), Model, Harmful, Benign, Output)
        {
            Points = points,
        };
        File.WriteAllText(TaskFile, JsonSerializer.Serialize(task, ProgramJson.Default.ProgramTask));
    }

    /// <summary>Looks at what the program left, before any of it is opened: regular files alone, and no more than its models take.</summary>
    /// <param name="points">Of an attack, which may leave a model for each.</param>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    /// <exception cref="IOException">The folder holds what it may not, or cannot be read.</exception>
    public void Inspect(string subjectFolder, int points = 0)
    {
        var subject = new DirectoryInfo(subjectFolder).EnumerateFiles().Sum(f => f.Length);
        foreach (var (name, path) in PlainFolder.Files(Output, new FolderLimits(((SubjectCopies + points) * subject) + MoreBytes, MostFiles)))
            if (!IsWeights(name) && new FileInfo(path).Length > MostTextBytes)
                throw new InvalidDataException($"'{VisibleText.OnOneLine(name, MostNameCharacters)}' has more than {MostTextBytes >> 20} MB.");
    }

    /// <inheritdoc cref="Inspect"/>
    public void InspectAttack(string subjectFolder, int budget) => Inspect(subjectFolder, AttackPoints(budget).Count());

    /// <summary>What the program says that it spent; nothing where it says nothing.</summary>
    /// <exception cref="InvalidDataException">It is no such file, or says that it spent more than it had.</exception>
    public ProgramSpent Spent(PhaseLimits limits)
    {
        try
        {
            var text = RegularFile.ReadAllBytes(Path.Combine(Output, SpentFile), MostSpentBytes);
            var spent = JsonSerializer.Deserialize(text, ProgramJson.Default.ProgramSpent) is { Steps: >= 0, Samples: >= 0, Tokens: >= 0 } read
                ? read
                : throw new JsonException("A number is negative.");
            return spent.Steps <= limits.Steps && spent.Samples <= (limits.Samples ?? long.MaxValue) && spent.Tokens <= MostTokens ? spent
                : throw new InvalidDataException($"its {SpentFile} says {spent.Steps} steps and {spent.Samples} samples, more than it may spend.");
        }
        catch (FileNotFoundException)
        {
            return new ProgramSpent(0);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"its {SpentFile} is none: {e.Message}", e);
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
