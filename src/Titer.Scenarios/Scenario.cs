using System.Security.Cryptography;
using System.Text;
using Titer.Scenarios.Apothecary;
using Titer.Scenarios.Data;

namespace Titer.Scenarios;

/// <summary>Forbidden domains: those the defender has data of, and those it never sees.</summary>
public sealed record ForbiddenDomains(IReadOnlyList<string> Known, IReadOnlyList<string> Withheld)
{
    public IReadOnlyList<string> All => [.. Known, .. Withheld];
}

/// <summary>The verdict thresholds, named as in DESIGN section 2.</summary>
public sealed record ScenarioThresholds(
    double HarmThreshold, double StabilityTolerance, double HarmRiseTolerance, double TrainabilityTolerance,
    double TrainabilityStepRatio, double UtilityFloor, double CoherenceFloor);

/// <summary>Default budgets; the full ones are the long-horizon tier.</summary>
public sealed record ScenarioBudgets(int AttackSteps, double AttackSeconds, int FullAttackSteps, int DefenseSteps, double DefenseSeconds);

/// <summary>The host's own benign fine-tune.</summary>
public sealed record TrainabilitySettings(IReadOnlyList<string> Domains, int Steps, double LearningRate, int BatchSize);

/// <summary>How many prompts a trajectory point is measured on, and how long an answer may be.</summary>
public sealed record EvaluationSizes(int HarmPromptsPerDomain, int UtilityPromptsPerDomain, int TrainabilityPromptsPerDomain, int MaxNewTokens);

/// <summary>A subject, harm domains, benign tasks, metrics and thresholds. Opening one verifies its files and loads no torch.</summary>
public sealed class Scenario
{
    private readonly ScenarioFile _file;
    private readonly Lazy<ScenarioData> _data;

    private Scenario(string source, string folder, ScenarioFile file, string hash)
    {
        (_file, Source, SubjectFolder, Hash) = (file, source, Path.Combine(folder, file.Subject.Folder), hash);
        _data = new Lazy<ScenarioData>(() => new ApothecaryData(file.Data.Seed).ToScenarioData());
    }

    public string Id => _file.Id;

    /// <summary>What <see cref="Open"/> was given: an embedded name, or an absolute path.</summary>
    public string Source { get; }

    public string SubjectFolder { get; }

    /// <summary>SHA-256 over the settings and the subject's files.</summary>
    public string Hash { get; }

    public ForbiddenDomains Domains => new(_file.Domains.Known, _file.Domains.Withheld);

    public IReadOnlyList<int> Seeds => _file.Seeds;

    public ScenarioThresholds Thresholds => new(
        _file.Thresholds.HarmThreshold, _file.Thresholds.StabilityTolerance, _file.Thresholds.HarmRiseTolerance, _file.Thresholds.TrainabilityTolerance,
        _file.Thresholds.TrainabilityStepRatio, _file.Thresholds.UtilityFloor, _file.Thresholds.CoherenceFloor);

    public ScenarioBudgets Budgets => new(
        _file.Budget.AttackSteps, _file.Budget.AttackSeconds, _file.Budget.FullAttackSteps, _file.Budget.DefenseSteps, _file.Budget.DefenseSeconds);

    public TrainabilitySettings Trainability => new(_file.Trainability.Domains, _file.Trainability.Steps, _file.Trainability.LearningRate, _file.Trainability.BatchSize);

    public EvaluationSizes Evaluation => new(
        _file.Evaluation.HarmPromptsPerDomain, _file.Evaluation.UtilityPromptsPerDomain, _file.Evaluation.TrainabilityPromptsPerDomain, _file.Evaluation.MaxNewTokens);

    public ScenarioData Data => _data.Value;

    /// <param name="nameOrPath">An embedded scenario's name, or a folder with <c>scenario.yaml</c>, or that file.</param>
    /// <exception cref="ScenarioException">Not found, not valid, or the subject is not the pinned one.</exception>
    public static Scenario Open(string nameOrPath)
    {
        var isName = nameOrPath.IndexOfAny(['/', '\\', '.']) < 0;
        var folder = isName ? Path.Combine(AppContext.BaseDirectory, "scenarios", nameOrPath) : Path.GetFullPath(nameOrPath);
        var path = folder.EndsWith(".yaml", StringComparison.Ordinal) ? folder : Path.Combine(folder, "scenario.yaml");
        if (!File.Exists(path))
            throw new ScenarioException(isName
                ? $"TITER503 There is no embedded scenario '{nameOrPath}'. Embedded: {string.Join(", ", Embedded())}; or name a folder with a scenario.yaml, for example ./{nameOrPath}."
                : $"TITER503 {path}: no such scenario file. Name a folder with a scenario.yaml.");
        folder = Path.GetDirectoryName(path)!;
        var text = File.ReadAllText(path);
        var file = ScenarioFile.Parse(path, text);
        Validate(path, file);
        return new Scenario(isName ? nameOrPath : path, folder, file, HashOf(path, text, Path.Combine(folder, file.Subject.Folder), file.Subject.Sha256));
    }

    private static void Validate(string path, ScenarioFile file)
    {
        if (file.Id.Length == 0) throw new ScenarioException($"{path}: TITER504 The key 'id' is missing. Give the scenario a name.");
        if (file.Data.Generator != "apothecary")
            throw new ScenarioException($"{path}: TITER504 data.generator '{file.Data.Generator}' is not known. Known: apothecary.");
        if (file.Domains.Known.Concat(file.Domains.Withheld).FirstOrDefault(d => !ApothecaryWords.Forbidden.Contains(d)) is { } unknown)
            throw new ScenarioException($"{path}: TITER504 '{unknown}' is not a forbidden domain of the data. It has: {string.Join(", ", ApothecaryWords.Forbidden)}.");
        if (file.Domains.Known.Count == 0 || file.Domains.Withheld.Count == 0 || file.Domains.Known.Intersect(file.Domains.Withheld).Any())
            throw new ScenarioException($"{path}: TITER504 domains.known and domains.withheld each need a domain, and none may be in both.");
        if (file.Trainability.Domains.Count == 0 || file.Trainability.Domains.Except(ApothecaryWords.Unseen).FirstOrDefault() is not null)
            throw new ScenarioException($"{path}: TITER504 trainability.domains must name benign domains that nothing else uses: {string.Join(", ", ApothecaryWords.Unseen)}.");
        if (file.Seeds.Count == 0) throw new ScenarioException($"{path}: TITER504 'seeds' is empty. Give at least one.");
    }

    private static string HashOf(string path, string text, string subject, string pinned)
    {
        var weights = Path.Combine(subject, "model.safetensors");
        if (!File.Exists(weights)) throw new ScenarioException($"{path}: TITER505 The subject's weights are missing: {weights}.");
        var actual = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(weights)));
        if (actual != pinned)
            throw new ScenarioException($"{path}: TITER506 The subject's weights have SHA-256 {actual}, pinned is {(pinned.Length == 0 ? "none" : pinned)}. Restore the file, or pin the new hash under subject.sha256: results of different subjects are not comparable.");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n")));
        foreach (var file in Directory.EnumerateFiles(subject).Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(file) + "\0"));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static IEnumerable<string> Embedded()
    {
        var root = Path.Combine(AppContext.BaseDirectory, "scenarios");
        return Directory.Exists(root) ? Directory.EnumerateDirectories(root).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal) : [];
    }
}
