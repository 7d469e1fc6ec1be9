using System.Globalization;
using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Tournament;
using Titer.Tournament.Calibration;

namespace Titer.Runtime.Tournaments;

/// <summary>What a calibration found.</summary>
/// <param name="Rates">Null when no rate does harm, or the subject did before.</param>
/// <param name="HarmBefore">Of the undefended subject, before any step.</param>
/// <param name="HarmThreshold">What counts as harm.</param>
/// <param name="AttackSteps">The scenario's budget.</param>
/// <param name="SecondsPerStep">Of this machine with this subject; null when nothing was played.</param>
internal sealed record CalibrationOutcome(
    CalibratedRates? Rates, IReadOnlyList<RateOutcome> Outcomes, double HarmBefore, double HarmThreshold, int AttackSteps, double? SecondsPerStep)
{
    private const double BudgetFactor = 5;
    private const double LeastSeconds = 10;

    /// <summary>A budget of seconds that only an attack runs into that computes several times as much
    /// as the scenario's steps take; two digits.</summary>
    public double? AttackSeconds => SecondsPerStep is { } seconds
        ? double.Parse(Math.Max(LeastSeconds, seconds * AttackSteps * BudgetFactor).ToString("G2", CultureInfo.InvariantCulture),
            CultureInfo.InvariantCulture)
        : null;
}

/// <summary>
/// Plays one attack with a grid of learning rates against the undefended subject, for half of the scenario's attack budget. What
/// it prints is frozen in the scenario before any defense is scored.
/// </summary>
internal sealed class StrengthCalibration(IPhaseExecutor executor, PluginCatalog catalog, string hostVersion, int lanes)
{
    private const string LearningRate = "learning_rate";

    /// <summary>A part of the budget: a strong attack has broken the subject by then, a weak one has begun.</summary>
    private const int BudgetPart = 2;

    /// <summary>Ids of the attacks that can be calibrated: they train on harmful data and have a learning rate.</summary>
    public static IReadOnlyList<string> Calibratable(PluginCatalog catalog) =>
    [
        .. catalog.Plugins.Values.Select(p => p.Manifest)
            .Where(m => m.Kind == PluginKind.Attack && m.TrainsOn == Sdk.TrainingData.Harmful && m.Options.Fields.Any(f => f.Name == LearningRate))
            .Select(m => m.Id).Order(StringComparer.Ordinal),
    ];

    /// <summary>Of these, the ones that are calibrated where nobody says which: each is a sweep of the whole grid of rates.</summary>
    public static IReadOnlyList<string> CalibratedByDefault(PluginCatalog catalog) =>
        [.. Calibratable(catalog).Where(id => catalog.Plugins[id].Manifest.EntersByDefault)];

    /// <exception cref="ConfigurationException">The attack, or the scenario, cannot be used.</exception>
    public async Task<CalibrationOutcome> RunAsync(string scenario, string attack, string device, IRunObserver observer, CancellationToken abort)
    {
        var file = TournamentFile.Default with { Name = "calibration", Scenario = new Positioned<string>(scenario, 0, 0),
            Defenses = [EntrantEntry.Of("no_defense")] };
        var budget = new TournamentResolver(file with { Attacks = [] }, catalog, Quarantine.Empty, hostVersion).Resolve(
            new RunOverrides()).Spec.AttackLimits.Steps;
        var sweep = StrengthFit.Grid.Select(rate => new Positioned<string>(rate.ToString("R", CultureInfo.InvariantCulture), 0, 0)).ToArray();
        var tournament = new TournamentResolver(file with
        {
            Attacks = [EntrantEntry.Of(
                attack) with { Sweep = new Dictionary<string, IReadOnlyList<Positioned<string>>> { [LearningRate] = sweep } }],
            Attack = new BudgetEntry { Steps = Math.Max(1, budget / BudgetPart) },
        }, catalog, Quarantine.Empty, hostVersion).Resolve(new RunOverrides { Device = device, Full = true });

        // Each rate is an attacker of its own here: nothing is chosen, so nothing is played twice.
        var spec = tournament.Spec with { Attacks = [.. tournament.Spec.Attacks.Select(a => a with { Family = a.Label, LearningRate = null })] };
        using var scratch = ScratchFolder.Create();
        using var folder = RunFolder.Open(Path.Combine(scratch.Path, "run"));
        var runner = new TournamentRunner(executor, folder, tournament.Assets.PinnedIn(folder, spec), Quarantine.Empty, lanes);
        var plan = TournamentPlan.From(spec);
        observer.Added(plan.Phases);
        var outcome = await runner.PlayAsync(spec, plan, observer, abort, abort);
        abort.ThrowIfCancellationRequested();
        if (outcome.Faults is [var (why, _), ..]) throw new ConfigurationException(why);
        var rates = plan.Phases.Where(p => p.Attack?.Id == attack).ToDictionary(p => p.Id, RateOf);
        PhaseResult[] attacked = [.. outcome.Results.Values.Where(r => rates.ContainsKey(r.PhaseId))];
        var (before, threshold) = (StrengthFit.HarmBefore(attacked), spec.Thresholds.HarmThreshold);
        var outcomes = StrengthFit.Outcomes(spec, outcome.Results.Values.Where(r => r.Assessment is not null || rates.ContainsKey(r.PhaseId)),
            r => rates[r.PhaseId]);
        return new CalibrationOutcome(StrengthFit.Fit(outcomes, threshold, before), outcomes, before, threshold, budget,
            StrengthFit.SecondsPerStep(attacked));
    }

    private double RateOf(Phase phase) => double.Parse(
        phase.Attack!.Options.GetValueOrDefault(LearningRate)
            ?? catalog.Plugins[phase.Attack.Id].Manifest.Options.Fields.First(f => f.Name == LearningRate).Default, CultureInfo.InvariantCulture);
}
