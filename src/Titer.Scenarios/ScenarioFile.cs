using Titer.Models.Generation;
using Titer.Scenarios.Apothecary;
using Titer.Scenarios.Data;
using Titer.Scenarios.Data.Evaluations;
using Titer.Scenarios.Yaml;
using Titer.Tournament;

namespace Titer.Scenarios;

/// <summary>A <c>scenario.yaml</c> as read: only <c>id</c>, <c>subject</c>, <c>data</c> and
/// <c>domains</c> must be there, the rest has defaults.</summary>
internal sealed record ScenarioFile
{
    private const string KnownGenerator = "apothecary";
    private const int MostSteps = 10_000_000;
    private const int MostRates = 16;
    private const double MostSeconds = 1e7;
    private static readonly string[] RequiredKeys = ["id", "subject", "data", "domains"];

    private static readonly (string Key, Func<ScenarioFile, StrictYaml, ScenarioFile> Read)[] Keys =
    [
        ("id", (file, value) => file with { Id = value.Text() }),
        ("subject", Subject),
        // Read before all others.
        ("data", (file, _) => file),
        ("domains", (file, value) => file with { Domains = Forbidden(value, file.DataFiles is null) }),
        ("seeds", (file, value) => file with { Seeds = SeedList(value) }),
        ("thresholds", (file, value) => file with { Thresholds = ThresholdsOf(file.Thresholds, value) }),
        ("budget", (file, value) => file with { Budgets = BudgetsOf(file.Budgets, value) }),
        ("trainability", (file, value) => file with { Trainability = TrainabilityOf(file.Trainability, value, file.DataFiles is null) }),
        ("evaluation", EvaluationOf),
        ("templates", (file, value) => file with { Templates = TemplatesOf(value) }),
        ("strengths", (file, value) => file with { Strengths = value.Map().ToDictionary(a => a.Key, a => StrengthsOf(a.Value)) }),
        ("metrics", (file, value) => file with { Metrics = MetricsOf(file.Metrics, value) }),
        // Read after all others: its paths are relative to the file.
        ("evaluations", (file, _) => file),
    ];

    public string Id { get; private init; } = "";

    public string SubjectFolder { get; private init; } = "subject";

    /// <summary>Folder of a LoRA adapter in PEFT's format that belongs to the subject; null without one.</summary>
    public string? SubjectAdapter { get; private init; }

    /// <summary>SHA-256 of the subject's weights: everyone's leaderboard is about the same model.</summary>
    public string SubjectSha256 { get; private init; } = "";

    /// <summary>Folder of the public checkpoint that the subject was made from, or is; null: attackers have none.</summary>
    public string? ParentFolder { get; private init; }

    /// <summary>SHA-256 of its weights; empty without one.</summary>
    public string ParentSha256 { get; private init; } = "";

    /// <summary>As declared; without a name when the file leaves it to the checkpoint, or to the generator.</summary>
    public ChatSettings Chat { get; private init; } = new() { Name = "" };

    /// <summary>The scenario's own data; null when a generator makes it.</summary>
    public IReadOnlyList<DataPartFile>? DataFiles { get; private init; }

    /// <summary>What happens to rows that are too long; null: they are refused.</summary>
    public Truncation? Truncation { get; private init; }

    /// <summary>Seed of the built-in generator of the data.</summary>
    public ulong DataSeed { get; private init; }

    public ForbiddenDomains Domains { get; private init; } = new([], []);

    public IReadOnlyList<int> Seeds { get; private init; } = [1, 2, 3];

    public Thresholds Thresholds { get; private init; } = new();

    public ScenarioBudgets Budgets { get; private init; } = new(48, 60, 480, 300, 120);

    /// <summary>Sets of questions beside the scenario's own, before any attack.</summary>
    public IReadOnlyList<EvaluationDeclaration> Evaluations { get; private init; } = [];

    public TrainabilitySettings Trainability { get; private init; } = new(ApothecaryWords.Unseen, 80, [1e-3], 16);

    public EvaluationSizes Evaluation { get; private init; } = new(32, 12, 32, 12);

    /// <summary>As declared; null leaves it to the reference answers. The generator's answers are short.</summary>
    public int? MaxNewTokens { get; private init; }

    public IReadOnlyList<PromptTemplate> Templates { get; private init; } = [PromptTemplate.Plain];

    public MetricChoices Metrics { get; private init; } = MetricChoices.Default;

    public IReadOnlyDictionary<string, AttackStrengths> Strengths { get; private init; } = new Dictionary<string, AttackStrengths>();

    /// <summary>With the trainability domains that the data has, where the file names none.</summary>
    public ScenarioFile WithTrainabilityDomains(IEnumerable<string> found) =>
        Trainability.Domains.Count > 0 ? this : this with { Trainability = Trainability with { Domains = [.. found.Distinct()] } };

    public ScenarioFile WithMetrics(MetricChoices metrics) => this with { Metrics = metrics };

    public ScenarioFile WithTrainability(TrainabilitySettings trainability) => this with { Trainability = trainability };

    public ScenarioFile WithMaxNewTokens(int tokens) => this with { Evaluation = Evaluation with { MaxNewTokens = tokens } };

    /// <exception cref="ScenarioException">Not YAML, or not a scenario; names line and column.</exception>
    public static ScenarioFile Parse(string path, string text)
    {
        try
        {
            return Of(StrictYaml.Parse(path, text), Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (YamlProblemException e)
        {
            throw new ScenarioException(e.Problem.File, e.Problem.Line, e.Problem.Column, e.Problem.Message);
        }
    }

    /// <summary>What a scenario file may hold, learnt from this reader.</summary>
    public static YamlShape Shape() => StrictYaml.ShapeOf(root => Of(root, Path.GetTempPath()));

    private static ScenarioFile Of(StrictYaml root, string folder)
    {
        var entries = root.Map([.. Keys.Select(known => known.Key)]);
        foreach (var key in RequiredKeys)
            root.Required(entries, key, $"TITER504 The key '{key}' is missing. A scenario needs {string.Join(", ", RequiredKeys)}.");
        // Which domains there are depends on where the data is from.
        var file = root.Fold(Data(new ScenarioFile(), entries["data"], folder), Keys);
        return entries.TryGetValue("evaluations", out var own) ? file with { Evaluations = EvaluationDeclaration.Read(folder, own) } : file;
    }

    private static ScenarioFile Subject(ScenarioFile file, StrictYaml node)
    {
        file = node.Fold<ScenarioFile>(
            file,
            ("folder", (f, value) => f with { SubjectFolder = value.Text() }),
            ("adapter", (f, value) => f with { SubjectAdapter = value.Text() }),
            ("sha256", (f, value) => f with { SubjectSha256 = value.Text() }),
            ("parent_weights", (f, value) => f with { ParentFolder = value.Text() }),
            ("parent_sha256", (f, value) => f with { ParentSha256 = value.Text() }),
            ("chat_format", (f, value) => f with { Chat = ChatDeclaration.Read(f.Chat, value) }),
            ("thinking", (f, value) => f with { Chat = f.Chat with { Thinking = value.Flag() } }),
            ("system_prompt", (f, value) => f with { Chat = f.Chat with { SystemPrompt = value.Text() } }));
        if (file.ParentFolder is null != (file.ParentSha256.Length == 0))
            throw node.Problem(
                "TITER504 subject.parent_weights and subject.parent_sha256 belong together: a folder, and the SHA-256 of its weights.");
        return file.SubjectSha256.Length == 64 && file.SubjectSha256.All(char.IsAsciiHexDigitLower)
            ? file
            : throw node.Problem(
                "TITER504 subject.sha256 is not 64 lower-case hexadecimal digits. Pin the SHA-256 of the subject's model.safetensors, or of its "
                    + "index and shards one after the other, and then of its adapter's files.");
    }

    private static ScenarioFile Data(ScenarioFile file, StrictYaml node, string folder)
    {
        if (node.HasAny([DataDeclaration.Preset, .. DataDeclaration.Parts]))
            return file with { Truncation = DataDeclaration.ReadTruncation(node), DataFiles = DataDeclaration.Read(folder, node),
                Trainability = file.Trainability with { Domains = [] } };
        var entries = node.Map(["generator", "seed", .. DataDeclaration.TruncationKeys]);
        var generator = entries.TryGetValue("generator", out var named) ? named
            : throw node.Problem(
                "TITER504 The key 'data.generator' is missing. "
                    + $"Known: {KnownGenerator}; or name files: {string.Join(", ", DataDeclaration.Parts)}.");
        if (generator.Text([KnownGenerator]) != KnownGenerator)
            throw generator.Problem($"TITER504 data.generator '{generator.Text()}' is not known. Known: {KnownGenerator}.");
        file = file with { Truncation = DataDeclaration.ReadTruncation(node), MaxNewTokens = file.Evaluation.MaxNewTokens };
        return entries.TryGetValue("seed", out var seed) ? file with { DataSeed = (ulong)seed.Whole(0, long.MaxValue) } : file;
    }

    private static ForbiddenDomains Forbidden(StrictYaml node, bool isGenerated)
    {
        var (known, withheld) = (new List<string>(), new List<string>());
        foreach (var (key, value) in node.Map("known", "withheld"))
        {
            foreach (var domain in value.List())
            {
                var name = domain.Text();
                if (isGenerated && !ApothecaryWords.Forbidden.Contains(name))
                    throw domain.Problem(
                        $"TITER504 '{name}' is not a forbidden domain of the data. It has: {string.Join(", ", ApothecaryWords.Forbidden)}.");
                if (known.Contains(name) || withheld.Contains(name))
                    throw domain.Problem($"TITER504 '{name}' is named twice. A domain is either known to the defender or withheld.");
                (key == "known" ? known : withheld).Add(name);
            }
        }

        return known.Count > 0 && withheld.Count > 0
            ? new ForbiddenDomains(known, withheld)
            : throw node.Problem("TITER504 domains.known and domains.withheld each need a domain.");
    }

    private static string[] Unseen(StrictYaml node, bool isGenerated)
    {
        string[] names = [.. node.List().Select(n => n.Text())];
        return names.Length > 0 && names.Distinct().Count() == names.Length && (!isGenerated || names.All(ApothecaryWords.Unseen.Contains))
            ? names
            : throw node.Problem(
                "TITER504 trainability.domains must name benign domains that nothing else uses, each "
                    + $"once{(isGenerated ? $": {string.Join(", ", ApothecaryWords.Unseen)}" : "")}.");
    }

    private static int[] SeedList(StrictYaml node)
    {
        int[] seeds = [.. node.List().Select(n => (int)n.Whole(0, int.MaxValue))];
        return seeds.Length > 0 && seeds.Distinct().Count() == seeds.Length
            ? seeds
            : throw node.Problem("TITER504 'seeds' needs at least one seed, and none twice.");
    }

    private static Thresholds ThresholdsOf(Thresholds start, StrictYaml node) =>
        node.Fold<Thresholds>(start, [.. ThresholdSettings.All.Select(known => (known.Name, Reader(known)))]);

    private static Func<Thresholds, StrictYaml, Thresholds> Reader(ThresholdSetting known) =>
        (thresholds, value) => known.With(thresholds, value.Number(known.Lowest, known.Highest));

    private static ScenarioBudgets BudgetsOf(ScenarioBudgets start, StrictYaml node) => node.Fold<ScenarioBudgets>(
        start,
        ("attack_steps", (result, value) => result with { AttackSteps = (int)value.Whole(1, MostSteps) }),
        ("attack_seconds", (result, value) => result with { AttackSeconds = value.Number(0.1, MostSeconds) }),
        ("long_attack_steps", (result, value) => result with { LongAttackSteps = (int)value.Whole(1, MostSteps) }),
        ("defense_steps", (result, value) => result with { DefenseSteps = (int)value.Whole(1, MostSteps) }),
        ("defense_seconds", (result, value) => result with { DefenseSeconds = value.Number(0.1, MostSeconds) }),
        ("worker_megabytes", (result, value) => result with { WorkerMegabytes = value.Number(400, 1e7) }));

    private static PromptTemplate[] TemplatesOf(StrictYaml node)
    {
        PromptTemplate[] templates =
            [.. node.Map().Select(t => new PromptTemplate(t.Key, t.Value.Text().Split(PromptTemplate.Placeholder).Length == 2
            ? t.Value.Text()
            : throw t.Value.Problem($"TITER504 The template '{t.Key}' must hold {PromptTemplate.Placeholder} once.")))];
        return templates.Length > 0 ? templates : throw node.Problem("TITER504 'templates' is empty. Leave it out to ask every prompt as it is.");
    }

    private static MetricChoices MetricsOf(MetricChoices start, StrictYaml node) => node.Fold<MetricChoices>(
        start,
        ("harm", (result, value) => result with { Harm = MetricOf(value, isOfHarm: true) }),
        ("utility", (result, value) => result with { Utility = MetricOf(value) }),
        ("coherence", (result, value) => result with { Coherence = MetricOf(value) }),
        ("also", (result, value) => result with { Also = [.. value.List().Select(m => MetricOf(m, isOfHarm: true))] }));

    /// <summary>
    /// A bare id, or a mapping of the id and its options: beside it, or under 'set' as in a tournament. A plugin's are checked by whoever finds the
    /// plugin.
    /// </summary>
    private static MetricChoice MetricOf(StrictYaml node, bool isOfHarm = false)
    {
        var entries = node.IsMapping ? node.Map() : null;
        if (entries is not null)
            node.Required(entries, "id", "TITER504 The key 'id' is missing. Name the metric: { id: answer_match, extract: last_number }.");
        var choice = entries is null
            ? MetricChoice.Of(node.Text())
            : new MetricChoice(entries["id"].Text(),
                entries.Where(e => e.Key is not ("id" or "set")).Concat(entries.TryGetValue("set", out var set) ? set.Map() : [])
                .Select(e => (e.Key, Text: e.Value.Text())).DistinctBy(e => e.Key).ToDictionary(e => e.Key, e => e.Text));
        if (choice.MayBePlugin) return choice;
        try
        {
            choice.Check(isOfHarm);
            return choice;
        }
        catch (ScenarioException e)
        {
            throw node.Problem(e.Message);
        }
    }

    private static AttackStrengths StrengthsOf(StrictYaml node)
    {
        var rates = node.Map([.. AttackStrengths.Names]);
        double Rate(string name) =>
            node.Required(rates, name, $"TITER504 The strength '{name}' is missing. 'titer scenario calibrate' prints all three.").Number(1e-9, 1);
        return new AttackStrengths(Rate("weak"), Rate("medium"), Rate("strong"));
    }

    private static TrainabilitySettings TrainabilityOf(TrainabilitySettings start, StrictYaml node, bool isGenerated) =>
        node.Fold<TrainabilitySettings>(
        start,
        ("domains", (result, value) => result with { Domains = Unseen(value, isGenerated) }),
        ("steps", (result, value) => result with { Steps = (int)value.Whole(1, MostSteps) }),
        ("learning_rate", (result, value) => result with { LearningRates = [value.Number(1e-9, 1)] }),
        ("learning_rates", (result, value) => result with { LearningRates = Rates(value) }),
        ("separately", (result, value) => result with { Separately = value.Flag() }),
        ("batch_size", (result, value) => result with { BatchSize = (int)value.Whole(1, 4096) }),
        ("rank", (result, value) => result with { Rank = (int)value.Whole(1, 1024) }));

    private static double[] Rates(StrictYaml node)
    {
        double[] rates = [.. node.List().Select(n => n.Number(1e-9, 1))];
        return rates.Length is > 0 and <= MostRates && rates.Distinct().Count() == rates.Length
            ? rates
            : throw node.Problem($"TITER504 trainability.learning_rates must name one to {MostRates} rates, each once.");
    }

    private static ScenarioFile EvaluationOf(ScenarioFile file, StrictYaml node)
    {
        static int Count(StrictYaml count) => (int)count.Whole(1, 4096);
        static ScenarioFile With(ScenarioFile file, Func<EvaluationSizes, EvaluationSizes> change) =>
            file with { Evaluation = change(file.Evaluation) };
        return node.Fold<ScenarioFile>(
            file,
            ("harm_prompts_per_domain", (f, value) => With(f, e => e with { HarmPromptsPerDomain = Count(value) })),
            ("utility_prompts_per_domain", (f, value) => With(f, e => e with { UtilityPromptsPerDomain = Count(value) })),
            ("trainability_prompts_per_domain", (f, value) => With(f, e => e with { TrainabilityPromptsPerDomain = Count(value) })),
            ("max_new_tokens", (f, value) => With(f, e => e with { MaxNewTokens = Count(value) }) with { MaxNewTokens = Count(value) }),
            ("sampling", (f, value) => With(f, e => e with { Sampling = SamplingOf(value) })));
    }

    private static SamplingOptions SamplingOf(StrictYaml node) => node.Fold<SamplingOptions>(
        new SamplingOptions(),
        ("temperature", (result, value) =>
            result with { Temperature = value.Number(SamplingOptions.SmallestTemperature, SamplingOptions.LargestTemperature) }),
        ("top_p", (result, value) => result with { TopP = value.Number(SamplingOptions.SmallestTopP, 1) }),
        ("top_k", (result, value) => result with { TopK = (int)value.Whole(1, int.MaxValue) }));
}
