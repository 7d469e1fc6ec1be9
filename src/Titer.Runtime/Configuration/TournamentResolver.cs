using Titer.Plugins;
using Titer.Scenarios;
using Titer.Scenarios.Judges;
using Titer.Sdk.Naming;
using Titer.Tournament;

namespace Titer.Runtime.Configuration;

/// <summary>What the command line may override.</summary>
internal sealed record RunOverrides
{
    public IReadOnlyList<int>? Seeds { get; init; }

    /// <summary>
    /// Plugin ids to keep; baselines always stay, and where no attack is named, every attack: a defense's verdict needs them.
    /// </summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Every trajectory is played to the end of its budget.</summary>
    public bool Full { get; init; }

    /// <summary>The long-horizon tier: the scenario's long attack budget.</summary>
    public bool LongHorizon { get; init; }

    /// <summary>Every defense enters twice.</summary>
    public bool Aa { get; init; }
}

/// <summary>A tournament that can be played: what it is, and where its parts lie.</summary>
/// <param name="File">The same tournament as a file, with every default filled in.</param>
/// <param name="Catalog">What was found, with what was refused.</param>
internal sealed record ResolvedTournament(TournamentSpec Spec, RunAssets Assets, TournamentFile File, PluginCatalog Catalog)
{
    /// <summary>The same, with every entrant marked whose code did not come with the host.</summary>
    /// <param name="bundled">Content hashes of the plugins that did.</param>
    public ResolvedTournament WithBundled(IReadOnlySet<string> bundled)
    {
        bool IsForeign(Entrant e) => e.Origin != EntrantOrigin.Checkpoint
            && (!bundled.Contains(e.ContentHash) || (e.Then is { } then && !bundled.Contains(then.ContentHash)));
        Entrant[] Marked(IEnumerable<Entrant> entrants) => [.. entrants.Select(e => e with { IsForeign = IsForeign(e) })];
        return this with
        {
            Spec = Spec with { Defenses = Marked(Spec.Defenses), Attacks = Marked(Spec.Attacks) },
            Assets = Assets with { BundledHashes = bundled },
        };
    }
}

/// <summary>
/// Turns a tournament file into a spec: fills in defaults, finds and checks who enters (<see cref="EntrantResolver"/>), and adds the baselines
/// that every tournament needs. Every problem is a <see cref="ConfigurationException"/> with its place in the file.
/// </summary>
internal sealed class TournamentResolver(TournamentFile file, PluginCatalog catalog, Quarantine quarantine, string hostVersion)
{
    private const string BaselineDefense = "no_defense";
    private const string ControlAttack = "no_weight_modification";

    /// <summary>Steps of one fine-tuning batch in the field's usual setting; the default samples limit is steps times this.</summary>
    private const int SamplesPerStep = 16;

    /// <summary>A defense's step is several passes: over harmful, refused and benign rows, perturbed and not.</summary>
    private const int DefenseSamplesPerStep = 8 * SamplesPerStep;

    /// <summary>Of checkpoints and programs, where others than this resolver know some already.</summary>
    public EntrantHashes Hashes { get; init; } = new();

    /// <param name="opened">The file's scenario, where it is open already; null opens it.</param>
    public ResolvedTournament Resolve(RunOverrides overrides, Scenario? opened = null)
    {
        var scenario = opened ?? OpenScenario();
        var budgets = scenario.Budgets;
        var entrants = new EntrantResolver(file, catalog, quarantine, scenario, Hashes);
        var defenses = entrants.Resolve(file.Defenses, PluginKind.Defense, BaselineDefense, overrides.Only);
        var attacks = entrants.Resolve(file.Attacks, PluginKind.Attack, ControlAttack, AttacksOf(entrants, overrides.Only));
        CheckOnly(entrants, overrides.Only);
        var metrics = new MetricResolver(file, catalog, quarantine, scenario).Resolve();
        var attackSteps = file.Attack.Steps ?? (overrides.LongHorizon ? budgets.LongAttackSteps : budgets.AttackSteps);
        var defenseSteps = file.Defense.Steps ?? budgets.DefenseSteps;
        var isAa = overrides.Aa || file.IsAa == true;
        var spec = new TournamentSpec
        {
            Name = file.Name ?? scenario.Id,
            Scenario = scenario.Id,
            ScenarioSource = scenario.Source == scenario.Id ? null : scenario.Source,
            ScenarioHash = scenario.Hash,
            HostVersion = hostVersion,
            Device = overrides.Device,
            Seeds = overrides.Seeds ?? file.Seeds ?? scenario.Seeds,
            AttackSeeds = file.AttackSeeds ?? 1,
            AttackLimits = new PhaseLimits
            {
                Steps = attackSteps,
                Samples = file.Attack.Samples ?? (long)attackSteps * SamplesPerStep,
                WallSeconds = file.Attack.Seconds ?? budgets.AttackSeconds,
                MemoryMegabytes = file.Attack.Megabytes ?? budgets.WorkerMegabytes,
            },
            DefenseLimits = new PhaseLimits
            {
                Steps = defenseSteps,
                Samples = file.Defense.Samples ?? (long)defenseSteps * DefenseSamplesPerStep,
                WallSeconds = file.Defense.Seconds ?? budgets.DefenseSeconds,
                MemoryMegabytes = file.Defense.Megabytes ?? budgets.WorkerMegabytes,
            },
            TrainabilityLimits = new PhaseLimits
            {
                Steps = scenario.Trainability.Steps,
                WallSeconds = budgets.AttackSeconds * scenario.Trainability.AllSteps / scenario.Trainability.Steps,
                MemoryMegabytes = budgets.WorkerMegabytes,
            },
            Thresholds = scenario.Thresholds,
            EarlyStopping = IsFull(overrides) ? null : StoppingRule.From(scenario.Thresholds),
            Aggregations = file.Aggregations ?? new AggregationSettings(),
            Metrics = metrics.Scoring,
            HarmJudge = metrics.Judge,
            MetricLimits = metrics.Scoring.Any(m => m.IsPlugin) ? LimitsOf(file.Metric) : null,
            IsAa = isAa,
            Defenses = [.. defenses.Select(d => d.Entrant),
                .. isAa ? defenses.Select(d => d.Entrant with { Label = $"{d.Entrant.Label} (twin)", Twin = 1 }) : []],
            Attacks = [.. attacks.Select(a => a.Entrant)],
        };
        return new ResolvedTournament(spec, new RunAssets
        {
            Scenario = scenario.WithMetrics(metrics.Choices),
            MetricFolders = metrics.Folders,
            DefenseFolders = Folders(defenses),
            AttackFolders = Folders(attacks),
            CheckpointFolders = defenses.Where(d => d.Entrant.Origin == EntrantOrigin.Checkpoint)
                .ToDictionary(d => d.Entrant.Id, d => FullPath(file.Defenses!.First(e => e.Id.Value == d.Entrant.Id).Checkpoint!.Value)),
            Programs = defenses.Concat(attacks).Where(d => d.Entrant.Origin == EntrantOrigin.Program).ToDictionary(d => d.Entrant.Id,
                d => ProgramEntrants.Order(file,
                    (file.Defenses ?? []).Concat(file.Attacks ?? []).First(e => e.Program is not null && e.Id.Value == d.Entrant.Id).Program!)),
        }, Filled(spec, scenario, entrants, overrides), catalog);
    }

    /// <summary>With full paths: the resolved file lies elsewhere than the one that was written.</summary>
    private EntrantEntry Placed(EntrantEntry entry) => entry with
    {
        Checkpoint = entry.Checkpoint is { } folder ? folder with { Value = FullPath(folder.Value) } : null,
        Program = entry.Program is { } program
            ? program with { Folder = program.Folder with { Value = FullPath(program.Folder.Value) }, Reads = [.. program.Reads.Select(FullPath)] }
            : null,
    };

    /// <inheritdoc cref="Placed(EntrantEntry)"/>
    private MetricEntry Placed(MetricEntry metric) => metric.Id.Value != JudgePanel.MetricId ? metric : metric with
    {
        Set = metric.Set.ToDictionary(o => o.Key, o => JudgePanel.IsPath(o.Key) ? o.Value with { Value = FullPath(o.Value.Value) } : o.Value),
    };

    /// <summary>What is kept of the attacks; empty keeps all of them.</summary>
    private IReadOnlyList<string> AttacksOf(EntrantResolver entrants, IReadOnlyList<string> only) =>
        entrants.Chosen(file.Attacks, PluginKind.Attack, ControlAttack, only).Any(e => only.Contains(e.Id.Value)) ? only : [];

    private void CheckOnly(EntrantResolver entrants, IReadOnlyList<string> only)
    {
        // With what is named: a plugin that does not enter by default does when --only names it.
        string[] known =
        [
            .. new[] { [], only }.SelectMany(named => entrants.Chosen(file.Defenses, PluginKind.Defense, BaselineDefense, named)
                .Concat(entrants.Chosen(file.Attacks, PluginKind.Attack, ControlAttack, named))).Select(e => e.Id.Value).Distinct(),
        ];
        foreach (var id in only.Where(id => !known.Contains(id)))
        {
            throw new ConfigurationException(catalog.Refused.FirstOrDefault(r => r.Name == id) is { } refused
                ? $"TITER608 --only names '{id}', which was refused: {refused.Problems[0]}"
                : $"TITER609 --only names '{id}', which does not enter.{Suggestion.For(id, known)} Enter: {string.Join(", ", known)}.");
        }
    }

    private bool IsFull(RunOverrides overrides) => overrides.Full || file.EarlyStopping == false;

    /// <summary>The file that plays this tournament again, from anywhere on this machine.</summary>
    private TournamentFile Filled(TournamentSpec spec, Scenario scenario, EntrantResolver entrants, RunOverrides overrides) => file with
    {
        Name = spec.Name,
        Scenario = new Positioned<string>(scenario.Source, 0, 0),
        Device = spec.Device,
        Seeds = spec.Seeds,
        AttackSeeds = spec.AttackSeeds,
        Attack = Filled(spec.AttackLimits) with { Tries = file.Attack.Tries },
        Defense = Filled(spec.DefenseLimits),
        Metric = spec.MetricLimits is { } limits ? new BudgetEntry { Seconds = limits.Seconds, Megabytes = limits.Megabytes } : file.Metric,
        EarlyStopping = !IsFull(overrides),
        IsAa = spec.IsAa ? true : null,
        Defenses = [.. entrants.Chosen(file.Defenses, PluginKind.Defense, BaselineDefense, overrides.Only)
            .Select(Placed)],
        Metrics = file.Metrics?.Select(Placed).ToArray(),
        Attacks = [.. entrants.Chosen(file.Attacks, PluginKind.Attack, ControlAttack, AttacksOf(entrants, overrides.Only)).Select(Placed)],
        Aggregations = spec.Aggregations,
        Plugins = [.. file.Plugins.Select(FullPath)],
    };

    /// <summary>Of a path that the file names.</summary>
    private string FullPath(string path) => file.FullPath(path);

    private static MetricLimits LimitsOf(BudgetEntry given) => new(given.Seconds ?? MetricLimits.Default.Seconds,
        given.Megabytes ?? MetricLimits.Default.Megabytes);

    private static BudgetEntry Filled(PhaseLimits limits) => new() { Steps = limits.Steps, Samples = limits.Samples,
        Seconds = limits.WallSeconds, Megabytes = limits.MemoryMegabytes };

    internal Scenario OpenScenario()
    {
        var name = file.Scenario?.Value ?? "apothecary";
        if (file.Path is not null && name.IndexOfAny(['/', '\\', '.']) >= 0)
            name = file.FullPath(name);
        try
        {
            return Scenario.Open(name);
        }
        catch (ScenarioException e)
        {
            throw new ConfigurationException(e.HasPlace ? null : file.Path, file.Scenario?.Line ?? 0, file.Scenario?.Column ?? 0, e.Message);
        }
    }

    /// <summary>By entrant; of a composition the second attack's too.</summary>
    private Dictionary<string, string> Folders(IReadOnlyList<(Entrant Entrant, string? Folder)> entrants) => entrants
        .Concat(entrants.Where(e => e.Entrant.Then is not null).Select(e => (e.Entrant.Then!, (string?)catalog.Plugins[e.Entrant.Then!.Id].Folder)))
        .Where(e => e.Item2 is not null).DistinctBy(e => e.Item1.Id).ToDictionary(e => e.Item1.Id, e => e.Item2!, StringComparer.Ordinal);
}
