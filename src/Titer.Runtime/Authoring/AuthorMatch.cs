using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Runtime.Tournaments;
using Titer.Scenarios;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.Runtime.Authoring;

/// <summary>What an author's match may change of the scenario's own sizes.</summary>
internal sealed record MatchSize
{
    /// <summary>Ids of the plugins that it plays against; null means full fine-tuning against a
    /// defense, one strong defense against an attack.</summary>
    public IReadOnlyList<string>? Opponents { get; init; }

    public int? AttackSteps { get; init; }

    public int? DefenseSteps { get; init; }
}

/// <summary>A match with its parts: the fold, and what it was folded from.</summary>
/// <param name="Results">By phase id.</param>
internal sealed record PlayedMatch(TournamentReport Report, IReadOnlyDictionary<string, PhaseResult> Results);

/// <summary>
/// The small tournament of a plugin's author, in this process: one seed, the plugin beside the baselines, full fine-tuning against a
/// defense, the undefended subject and one strong defense against an attack, both for a metric of harm. What does not change between two builds is
/// played once.
/// </summary>
internal sealed class AuthorMatch : IDisposable
{
    private const string OrdinaryAttack = "full_parameter_finetune";
    private const string StrongDefense = "adversarial_loss";

    private readonly ScratchFolder _scratch = ScratchFolder.Create();
    private readonly RunFolder _folder;
    private readonly IPhaseExecutor _executor;

    public AuthorMatch(IPhaseHost host)
    {
        _folder = RunFolder.Open(Path.Combine(_scratch.Path, "run"));
        _executor = new InProcessExecutor(new PhasePlayer(host));
    }

    /// <summary>The tournament of one build, on every default of the embedded scenario but one ordinary fine-tune in place of all.</summary>
    /// <param name="catalog">The plugin itself, and the bundled ones.</param>
    /// <param name="set">The plugin's options by name, as text.</param>
    /// <exception cref="ConfigurationException">An option is not what the plugin knows, or a bundled plugin is missing.</exception>
    public static ResolvedTournament Of(PluginManifest plugin, PluginCatalog catalog, IReadOnlyDictionary<string, string> set,
        RunOverrides overrides, MatchSize? size = null)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        ArgumentNullException.ThrowIfNull(catalog);
        var entry = EntrantEntry.Of(plugin.Id, set);
        size ??= new MatchSize();
        EntrantEntry[] Opponents(string usual) =>
            size.Opponents is { } named ? [.. named.Select(id => EntrantEntry.Of(id))] : catalog.Plugins.ContainsKey(usual)
            ? [EntrantEntry.Of(usual)] : [];
        (EntrantEntry[] Defenses, EntrantEntry[] Attacks, MetricEntry[] Metrics) sides = plugin.Kind switch
        {
            PluginKind.Defense => ([entry], size.Opponents is null ? [EntrantEntry.Of(OrdinaryAttack)] : Opponents(OrdinaryAttack), []),
            PluginKind.Attack => (Opponents(StrongDefense), [entry], []),
            // Seen on a match that everybody knows: what the metric says where the scenario's own would speak.
            _ => (Opponents(StrongDefense), [EntrantEntry.Of(OrdinaryAttack)], [new MetricEntry(MetricRole.Harm, entry.Id, entry.Set)]),
        };
        var file = TournamentFile.Default with
        {
            Name = $"play {plugin.Id}",
            Defenses = sides.Defenses,
            Attacks = sides.Attacks,
            Metrics = sides.Metrics,
            Seeds = [1],
            Attack = new BudgetEntry { Steps = size.AttackSteps },
            Defense = new BudgetEntry { Steps = size.DefenseSteps },
        };
        var resolver = new TournamentResolver(file, catalog, Quarantine.Empty, "play");
        return resolver.Resolve(overrides with { Full = true }, OpenScenario("apothecary"));
    }

    /// <summary>A scenario as it is played here: an author waits for it, so of the ordinary fine-tunes only the first, at one rate.</summary>
    /// <exception cref="ScenarioException">As <see cref="Scenario.Open"/>.</exception>
    public static Scenario OpenScenario(string name)
    {
        var scenario = Scenario.Open(name);
        var usual = scenario.Trainability;
        return scenario.WithTrainability(usual with
        {
            Domains = usual.Tasks[0], LearningRates = [usual.LearningRates[usual.LearningRates.Count / 2]],
        });
    }

    public async Task<PlayedMatch> PlayAsync(ResolvedTournament tournament, IRunObserver observer, CancellationToken abort)
    {
        ArgumentNullException.ThrowIfNull(tournament);
        var plan = TournamentPlan.From(tournament.Spec);
        var runner = new TournamentRunner(_executor, _folder, tournament.Assets, Quarantine.Empty, lanes: 1);
        var outcome = await runner.PlayAsync(tournament.Spec, plan, observer, abort, abort);
        return new PlayedMatch(TournamentFold.Report(outcome.Spec, plan, outcome.Results), outcome.Results);
    }

    public void Dispose()
    {
        _folder.Dispose();
        _scratch.Dispose();
    }
}
