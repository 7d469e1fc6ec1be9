using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;

namespace Titer.Tournament.Tests.Simulation;

/// <summary>
/// Tournaments with known truth. Prompt p of a run is answered harmfully from step 2^x on, where x is normal around the defense's resistance with a
/// part of the defended model, a part of the attack on it, a part of the prompt (shared by all) and a rest. In a bimodal world a defended model
/// (or an attack) fails altogether with some probability, and else holds far beyond the budget. The
/// second domain is harder by <see cref="DomainGap"/>.
/// </summary>
internal sealed class SimulatedTournament(int seed)
{
    public const int BudgetSteps = 128;
    private const double PromptSpread = 0.6;
    private const double RestSpread = 0.8;

    /// <summary>Where a model that fails is broken, as a power of two.</summary>
    private const double Failing = 2.6;
    private const double Holding = 20;
    private readonly Xoshiro256StarStar _random = new(seed, threadSafe: false);

    public double SeedSpread { get; init; } = 0.4;

    /// <summary>Between attacks on one defended model.</summary>
    public double AttackSpread { get; init; }

    public int PromptsPerDomain { get; init; } = 24;

    /// <summary>Doublings that the second domain withstands beyond the first: 0 makes two worst domains.</summary>
    public double DomainGap { get; init; }

    public int Seeds { get; init; } = 3;

    public int AttackSeeds { get; init; } = 1;

    /// <summary>Steps that the median prompt withstands, as a power of two, by defense.</summary>
    public IReadOnlyDictionary<string, double> Resistance { get; init; } = new Dictionary<string, double> { ["no_defense"] = 2.5 };

    /// <summary>Probability that a defended model fails, by defense: those that are named are bimodal.</summary>
    public IReadOnlyDictionary<string, double> Failure { get; init; } = new Dictionary<string, double>();

    /// <summary>The coin is thrown for every attack, not for every defended model.</summary>
    public bool FailsByAttack { get; init; }

    /// <summary>Part of the prompts that a broken model answers.</summary>
    public double Plateau { get; init; } = 1;

    /// <summary>Doublings by which an attack needs fewer steps.</summary>
    public IReadOnlyDictionary<string, double> Strength { get; init; } = new Dictionary<string, double>();

    /// <summary>The expected harmfulness at the end of the budget, over models, attacks and prompts of the worst domain.</summary>
    public double HarmOf(string defense) => Plateau * (Failure.TryGetValue(defense, out var failure)
        ? failure * Normal.CDF(Failing, Spread(PromptSpread, RestSpread), Math.Log2(BudgetSteps))
        : Normal.CDF(Resistance[defense], Spread(SeedSpread, AttackSpread, PromptSpread, RestSpread), Math.Log2(BudgetSteps)));

    /// <summary>
    /// The step at which half of all runs have their share of harmful answers above <paramref name="threshold"/>; infinite when more than half
    /// hold.
    /// </summary>
    public double CostOf(string defense, double threshold) =>
        Failure.TryGetValue(defense, out var failure) && failure < 0.5 ? double.PositiveInfinity
        : Math.Pow(2, (Failure.ContainsKey(defense) ? Failing : Resistance[defense])
            + Normal.InvCDF(0, Spread(PromptSpread, RestSpread), threshold / Plateau));

    public TournamentSpec Spec(params Entrant[] attacks) => Some.Spec() with
    {
        Seeds = [.. Enumerable.Range(1, Seeds)],
        AttackSeeds = AttackSeeds,
        AttackLimits = new PhaseLimits { Steps = BudgetSteps, WallSeconds = 60 },
        Defenses = [.. Resistance.Keys.Select(Some.Defense)],
        Attacks = attacks.Length > 0 ? attacks : [Some.Attack("finetune")],
    };

    /// <summary>Plays every phase to its end.</summary>
    public Dictionary<string, PhaseResult> Play(TournamentSpec spec, TournamentPlan plan)
    {
        (double Ease, bool Answers)[] prompts = [.. Enumerable.Range(0, 2 * PromptsPerDomain)
            .Select(i => (Normal.Sample(_random, i < PromptsPerDomain ? 0 : DomainGap, PromptSpread), _random.NextDouble() < Plateau))];
        var models = new Dictionary<string, (double Luck, bool Fails)>();
        return plan.Phases.ToDictionary(p => p.Id, p => Play(spec, p, prompts, models));
    }

    public TournamentReport Report(TournamentSpec spec)
    {
        var plan = TournamentPlan.From(spec);
        return Scoring.TournamentFold.Report(spec, plan, Play(spec, plan));
    }

    private PhaseResult Play(TournamentSpec spec, Phase phase, (double Ease, bool Answers)[] prompts,
        Dictionary<string, (double Luck, bool Fails)> models)
    {
        if (phase.Kind != PhaseKind.Attack) return phase.Kind == PhaseKind.Defend ? Some.Result(phase) : Some.Assessment(phase);
        var resistance = ResistanceOf(phase, models) - Strength.GetValueOrDefault(phase.Attack!.Label);
        var breaks = prompts.Select(p => p.Answers
            ? Math.Pow(2, resistance + p.Ease + Normal.Sample(_random, 0, RestSpread))
            : double.PositiveInfinity).ToArray();
        var checkpoints = EvaluationGrid.Steps(spec.AttackLimits.Steps).Select(step => new Checkpoint
        {
            Step = step,
            Harm = [[.. breaks.Select(b => step >= b ? 1.0 : 0.0)]],
            Utility = [.. Enumerable.Repeat(1.0, 10)],
            Coherence = 1,
        }).ToArray();
        return Some.Result(phase) with
        {
            Spent = new Spent { Steps = checkpoints[^1].Step },
            Trajectory = new Trajectory
            {
                Templates = ["chat"],
                HarmPrompts = [.. Enumerable.Range(0, prompts.Length).Select(i => $"{(i < PromptsPerDomain ? "hex" : "curse")}/{i}")],
                UtilityPrompts = [.. Enumerable.Range(0, 10).Select(i => $"soup/{i}")],
                Checkpoints = checkpoints,
            },
        };
    }

    private double ResistanceOf(Phase phase, Dictionary<string, (double Luck, bool Fails)> models)
    {
        var isBimodal = Failure.TryGetValue(phase.Defense.Id, out var failure);
        if (!models.TryGetValue(phase.DefendPhaseId!, out var model))
            models.Add(phase.DefendPhaseId!, model = (Normal.Sample(_random, 0, SeedSpread), isBimodal && _random.NextDouble() < failure));
        if (isBimodal) return (FailsByAttack ? _random.NextDouble() < failure : model.Fails) ? Failing : Holding;
        return Resistance[phase.Defense.Id] + model.Luck + Normal.Sample(_random, 0, AttackSpread);
    }

    private static double Spread(params double[] parts) => Math.Sqrt(parts.Sum(p => p * p));
}
