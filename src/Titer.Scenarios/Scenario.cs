using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Titer.Files;
using Titer.Models.Checkpoints;
using Titer.Models.Generation;
using Titer.Models.Tokenizers;
using Titer.Scenarios.Apothecary;
using Titer.Scenarios.Data;
using Titer.Scenarios.Data.Evaluations;
using Titer.Scenarios.Judges;
using Titer.Tournament;

namespace Titer.Scenarios;

/// <summary>Forbidden domains: those the defender has data of, and those it never sees.</summary>
public sealed record ForbiddenDomains(IReadOnlyList<string> Known, IReadOnlyList<string> Withheld)
{
    public IReadOnlyList<string> All => [.. Known, .. Withheld];
}

/// <summary>Default budgets; the long one is the long-horizon tier.</summary>
/// <param name="WorkerMegabytes">Memory of one worker; null means no limit.</param>
public sealed record ScenarioBudgets(int AttackSteps, double AttackSeconds, int LongAttackSteps, int DefenseSteps, double DefenseSeconds,
    double? WorkerMegabytes = null);

/// <summary>The host's own benign fine-tune.</summary>
/// <param name="Domains">Benign domains that neither subject nor defender saw.</param>
/// <param name="Steps">Of each fine-tune.</param>
/// <param name="LearningRates">A small ladder: every task is learned with the best of them.</param>
/// <param name="Rank">Trains low-rank factors of that rank in place of the weights; null trains the weights.</param>
/// <param name="Separately">Every domain is a task of its own, learned from the same weights; else all of them are one.</param>
public sealed record TrainabilitySettings(IReadOnlyList<string> Domains, int Steps, IReadOnlyList<double> LearningRates, int BatchSize,
    int? Rank = null, bool Separately = false)
{
    /// <summary>Domains of each task.</summary>
    [JsonIgnore]
    public IReadOnlyList<IReadOnlyList<string>> Tasks => Separately ? [.. Domains.Select(d => (IReadOnlyList<string>)[d])] : [Domains];

    /// <summary>Steps that choose a rate; none where there is one.</summary>
    [JsonIgnore]
    public int ScreeningSteps => LearningRates.Count == 1 ? 0 : Math.Max(1, Steps / 4);

    /// <summary>Each fine-tune but the first starts from a copy of the weights.</summary>
    [JsonIgnore]
    public bool IsOneFineTune => Tasks.Count == 1 && LearningRates.Count == 1;

    /// <summary>Steps of all of it.</summary>
    [JsonIgnore]
    public long AllSteps => Tasks.Count * (Steps + (long)LearningRates.Count * ScreeningSteps);
}

/// <summary>How many prompts a trajectory point is measured on, how long an answer may be, and how it is chosen.</summary>
/// <param name="Sampling">How tokens are drawn; null takes the likeliest.</param>
public sealed record EvaluationSizes(int HarmPromptsPerDomain, int UtilityPromptsPerDomain, int TrainabilityPromptsPerDomain, int MaxNewTokens,
    SamplingOptions? Sampling = null);

/// <summary>A subject, harm domains, benign tasks, metrics and thresholds. Opening one verifies its files and loads no torch.</summary>
public sealed class Scenario
{
    private readonly ScenarioFile _file;

    private Scenario(string source, string subjectFolder, ScenarioFile file, ScenarioFiles data, ChatSettings chatFormat, string hash) =>
        (_file, Data, DataReports, Source, SubjectFolder, ChatFormat, Hash) = (file, data.Data, data.Reports, source, subjectFolder, chatFormat,
            hash);

    public string Id => _file.Id;

    /// <summary>What <see cref="Open"/> was given: an embedded name, or an absolute path.</summary>
    public string Source { get; }

    public string SubjectFolder { get; }

    /// <summary>Full path of the adapter that is merged into the subject; null without one.</summary>
    public string? AdapterFolder { get; private init; }

    /// <summary>Full path of the public checkpoint that the subject was made from, or is; null where the file declares none.</summary>
    public string? ParentFolder { get; private init; }

    /// <summary>SHA-256 over the settings, the generated data and the subject's files.</summary>
    public string Hash { get; }

    /// <summary>SHA-256 of the subject's weights, as the file pins it.</summary>
    public string SubjectHash => _file.SubjectSha256;

    public ForbiddenDomains Domains => _file.Domains;

    public IReadOnlyList<int> Seeds => _file.Seeds;

    public Thresholds Thresholds => _file.Thresholds;

    public ScenarioBudgets Budgets => _file.Budgets;

    public TrainabilitySettings Trainability => _file.Trainability;

    public EvaluationSizes Evaluation => _file.Evaluation;

    /// <summary>Ways in which forbidden prompts are asked; the most harmful one counts.</summary>
    public IReadOnlyList<PromptTemplate> Templates => _file.Templates;

    public MetricChoices Metrics => _file.Metrics;

    /// <summary>Calibrated settings by attack, then by strength (<c>weak</c>, <c>medium</c>, <c>strong</c>).</summary>
    public IReadOnlyDictionary<string, AttackStrengths> Strengths => _file.Strengths;

    /// <summary>How the subject is spoken to, and how that is known.</summary>
    public ChatSettings ChatFormat { get; }

    public ScenarioData Data { get; }

    /// <summary>What a process that measures must see beside the subject: checkpoints and templates of judges.</summary>
    public IReadOnlyList<string> JudgePaths => JudgePanel.PathsOf(Metrics.Harm);

    /// <summary>SHA-256 of each part of the data, as it is played.</summary>
    public IReadOnlyList<DataPartHash> DataHashes =>
        [.. Data.Parts().Select(p => new DataPartHash(p.Name, p.Lines.Count, DataPartHash.Of(p.Lines)))];

    /// <summary>What was read of each part; empty when a generator made the data.</summary>
    public IReadOnlyList<DataPartReport> DataReports { get; }

    /// <summary>What was cut, left out or derived from the rows' lengths, a line each.</summary>
    public IReadOnlyList<string> FitFacts { get; private init; } = [];

    /// <summary>What of the data does not play as it was given (cut, shortened, left out), a line each.</summary>
    public IReadOnlyList<string> Losses { get; private init; } = [];

    /// <summary>What a phase of that audience may see.</summary>
    public ScenarioPart PartFor(ScenarioAudience audience) => new()
    {
        SubjectFolder = SubjectFolder,
        AdapterFolder = AdapterFolder,
        ParentFolder = audience == ScenarioAudience.Attacker ? ParentFolder : null,
        SubjectStamp = ScenarioPart.StampOf(SubjectFolder, AdapterFolder, audience == ScenarioAudience.Attacker ? ParentFolder : null),
        Domains = Domains,
        Evaluation = Evaluation,
        Templates = audience == ScenarioAudience.Assessor ? Templates : [],
        Metrics = audience == ScenarioAudience.Assessor ? Metrics : null,
        JudgeStamp = audience == ScenarioAudience.Assessor && Metrics.Harm.IsJudge ? JudgePanel.Of(Metrics.Harm.Options).Stamp() : null,
        Trainability = Trainability,
        Chat = ChatFormat,
        Truncation = _file.Truncation,
        Data = audience switch
        {
            ScenarioAudience.Defender => ScenarioData.Empty with { DefenderHarmful = Data.DefenderHarmful, DefenderBenign = Data.DefenderBenign },
            ScenarioAudience.Attacker => ScenarioData.Empty with { AttackerHarmful = Data.AttackerHarmful, AttackerBenign = Data.AttackerBenign },
            _ => Data with { DefenderHarmful = [], DefenderBenign = [], AttackerHarmful = [], AttackerBenign = [] },
        },
    };

    /// <summary>Everything, for a process that plays all sides without a sandbox: an author's own.</summary>
    public ScenarioPart Whole() => PartFor(ScenarioAudience.Assessor) with
    {
        ParentFolder = ParentFolder,
        SubjectStamp = ScenarioPart.StampOf(SubjectFolder, AdapterFolder, ParentFolder),
        Data = Data,
    };

    /// <summary>The same scenario, scored by other metrics. Its hash stays: whoever plays says which metrics scored.</summary>
    public Scenario WithMetrics(MetricChoices metrics) => With(_file.WithMetrics(metrics));

    /// <summary>The same scenario with less of the host's own fine-tune, for a look that is no leaderboard. Its hash stays.</summary>
    public Scenario WithTrainability(TrainabilitySettings trainability) => With(_file.WithTrainability(trainability));

    /// <param name="nameOrPath">Name of an embedded scenario or of one that was built under <c>TITER_HOME</c>, or a folder with
    /// <c>scenario.yaml</c>, or that file.</param>
    /// <exception cref="ScenarioException">Not found, not valid, or the subject is not the pinned one.</exception>
    public static Scenario Open(string nameOrPath)
    {
        var isName = nameOrPath.IndexOfAny(['/', '\\', '.']) < 0;
        var folder = isName ? FolderOf(nameOrPath) : Path.GetFullPath(nameOrPath);
        var path = folder.EndsWith(".yaml", StringComparison.Ordinal) ? folder : Path.Combine(folder, "scenario.yaml");
        if (!File.Exists(path))
            throw new ScenarioException(!isName ? $"TITER503 {path}: no such scenario file. Name a folder with a scenario.yaml."
                : ApothecaryTier.All.FirstOrDefault(tier => tier.ScenarioName == nameOrPath) is { } tier
                    ? $"TITER503 The scenario '{nameOrPath}' is not built here yet. Build it: titer scenario build apothecary "
                        + $"--tier {tier.Name} ({tier.Effort})."
                : $"TITER503 There is no scenario '{nameOrPath}'. There are: {string.Join(", ", Named())}; or name a folder with a "
                    + $"scenario.yaml, for example ./{nameOrPath}.");
        folder = Path.GetDirectoryName(path)!;
        var text = File.ReadAllText(path);
        var file = ScenarioFile.Parse(path, text);
        var subject = Path.GetFullPath(Path.Combine(folder, file.SubjectFolder));
        file = file.WithMetrics(file.Metrics with
        {
            Harm = JudgePanel.Located(file.Metrics.Harm, folder),
            Also = [.. file.Metrics.Also.Select(m => JudgePanel.Located(m, folder))],
        });
        var data = file.DataFiles is { } files
            ? ScenarioFiles.Read(path, files, file.Domains, file.Trainability.Domains)
            : new ScenarioFiles(new ApothecaryData(file.DataSeed).ToScenarioData(), []);
        data = data with { Data = data.Data with { Evaluations = [.. file.Evaluations.Select(e => e.Questions())] } };
        var adapter = file.SubjectAdapter is null ? null : Path.GetFullPath(Path.Combine(folder, file.SubjectAdapter));
        var hash = HashOf(path, text, subject, SubjectWeights.Files(subject, adapter), file.SubjectSha256, data.Data,
            file.Metrics.Harm);
        var tokenizer = TokenizerReader.Read(subject);
        var format = file is { Chat: { Name.Length: 0, Marks: null }, DataFiles: null }
            ? ChatFormatChoice.OfGenerator with { SystemPrompt = file.Chat.SystemPrompt }
            : ChatFormatChoice.Of(file.Chat, subject, tokenizer);
        var written = new ChatFormat(tokenizer, format);
        var fit = new RowFit(path, tokenizer, written, CheckpointShape.In(subject), file.Truncation, data.Names);
        var (fitted, newTokens) = fit.Apply(data.Data, file.MaxNewTokens, file.Templates);
        var losses = new List<string>();
        fitted = fitted with
        {
            Evaluations = EvaluationFit.Of(path, fitted.Evaluations, written, CheckpointShape.In(subject).MaxLength, newTokens, losses),
        };
        file = file.WithTrainabilityDomains(data.Data.TrainabilityTraining.Select(e => e.Domain)).WithMaxNewTokens(newTokens);
        return new Scenario(isName ? nameOrPath : path, subject, file, data with { Data = fitted }, format, hash)
        {
            AdapterFolder = adapter,
            ParentFolder = ParentWeights.Open(path, file.ParentFolder, file.ParentSha256, subject),
            FitFacts = fit.Facts,
            Losses = [.. data.Reports.SelectMany(report => report.Losses), .. fit.Losses, .. losses],
        };
    }

    private static string HashOf(string path, string text, string subject, IReadOnlyList<string> weights, string pinned, ScenarioData data,
        MetricChoice harm)
    {
        if (weights.FirstOrDefault(file => !File.Exists(file)) is var absent && (weights.Count == 0 || absent is not null))
            throw new ScenarioException(absent is null
                ? $"{path}: TITER505 The subject's weights are missing: {CheckpointFiles.WhatIsThere(subject)} Or correct subject.folder."
                : $"{path}: TITER505 The subject's weights are missing: {absent}. Restore the file, or correct subject.folder and subject.adapter.");
        foreach (var file in weights) CheckpointText.RequireContent(file);
        var weightsHash = SubjectWeights.Hash(weights);
        var actual = Convert.ToHexStringLower(weightsHash);
        if (actual != pinned)
            throw new ScenarioException(
                $"{path}: TITER506 The subject's weights have SHA-256 {actual}, pinned is {pinned}.{Beside(subject)} Restore the file, or pin "
                    + "the new hash under subject.sha256: results of different subjects are not comparable.");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n")));
        foreach (var line in data.Lines()) hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
        if (harm.IsJudge) hash.AppendData(Encoding.UTF8.GetBytes($"judge {harm.Options["sha256"]}\n"));
        foreach (var file in Directory.EnumerateFiles(subject).Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(file) + "\0"));
            // The first weight file stands for all of them.
            if (weights.Contains(file)) hash.AppendData(file == weights[0] ? weightsHash : []);
            else hash.AppendData(SubjectWeights.Hash([file]));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Which files are meant, where a folder has two sets of weights.</summary>
    private static string Beside(string subject) =>
        File.Exists(Path.Combine(subject, CheckpointFiles.WeightsFile)) && File.Exists(Path.Combine(subject, CheckpointFiles.IndexFile))
        ? $" The folder has both {CheckpointFiles.WeightsFile} and, of another save, shards under {CheckpointFiles.IndexFile}: the one file is "
            + "read, as Transformers does. Remove those that are not meant."
        : "";

    /// <summary>What a process with another working folder and environment opens the scenario by.</summary>
    public static string Place(string nameOrPath)
    {
        ArgumentNullException.ThrowIfNull(nameOrPath);
        if (nameOrPath.IndexOfAny(['/', '\\', '.']) >= 0) return Path.GetFullPath(nameOrPath);
        return FolderOf(nameOrPath) is var folder && Directory.Exists(folder) && !folder.StartsWith(EmbeddedFolder, StringComparison.Ordinal)
            ? folder
            : nameOrPath;
    }

    /// <summary>An embedded scenario wins: what is built here never stands in for it.</summary>
    private static string FolderOf(string name) =>
        Path.Combine(EmbeddedFolder, name) is var embedded && Directory.Exists(embedded)
            ? embedded
            : Path.Combine(TiterHome.FromEnvironment().ScenariosFolder, name);

    private static string EmbeddedFolder => Path.Combine(AppContext.BaseDirectory, "scenarios");

    private static IEnumerable<string> Named() => new[] { EmbeddedFolder, TiterHome.FromEnvironment().ScenariosFolder }
        .Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories).Select(d => Path.GetFileName(d)!).Distinct()
        .Order(StringComparer.Ordinal);

    private Scenario With(ScenarioFile file) =>
        new(Source, SubjectFolder, file, new ScenarioFiles(Data, DataReports), ChatFormat,
            Hash) { AdapterFolder = AdapterFolder, ParentFolder = ParentFolder, FitFacts = FitFacts, Losses = Losses };
}
