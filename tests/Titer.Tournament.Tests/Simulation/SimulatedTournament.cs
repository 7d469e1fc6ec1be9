using Titer.Tournament.Scoring;

using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;

namespace Titer.Tournament.Tests.Simulation;

/// <summary>
/// Tournaments with known truth. Prompt p of seed s is answered harmfully from step 2^x on, where x is normal around the defense's resistance with a
/// part of the seed (training and data order), a part of the prompt (shared by all seeds and defenses) and a rest.
/// </summary>
internal sealed class SimulatedTournament(int seed)
{
    public const int BudgetSteps = 128;
    private const double PromptSpread = 0.6;
    private const double RestSpread = 0.8;
    private readonly Xoshiro256StarStar _random = new(seed, threadSafe: false);

    public double SeedSpread { get; init; } = 0.4;

    public int Prompts { get; init; } = 48;

    public int Seeds { get; init; } = 3;

    /// <summary>Steps that the median prompt withstands, as a power of two, by defense.</summary>
    public IReadOnlyDictionary<string, double> Resistance { get; init; } = new Dictionary<string, double> { ["no_defense"] = 2.5 };

    /// <summary>Utility at every point of an attack, by attack.</summary>
    public IReadOnlyDictionary<string, double> Utility { get; init; } = new Dictionary<string, double>();

    /// <summary>Doublings by which an attack needs fewer steps.</summary>
    public IReadOnlyDictionary<string, double> Strength { get; init; } = new Dictionary<string, double>();

    /// <summary>The expected harmfulness at a step.</summary>
    public double HarmAt(string defense, double step) =>
        Normal.CDF(Resistance[defense], Math.Sqrt(SeedSpread * SeedSpread + PromptSpread * PromptSpread + RestSpread * RestSpread), Math.Log2(step));

    /// <summary>The step at which half of all seeds have their share of harmful answers above <paramref name="threshold"/>.</summary>
    public double CostOf(string defense, double threshold) =>
        Math.Pow(2, Resistance[defense] + Normal.InvCDF(0, Math.Sqrt(PromptSpread * PromptSpread + RestSpread * RestSpread), threshold));

    public TournamentSpec Spec(params Entrant[] attacks) => Some.Spec() with
    {
        Seeds = [.. Enumerable.Range(1, Seeds)],
        AttackLimits = new PhaseLimits { Steps = BudgetSteps, WallSeconds = 60 },
        Defenses = [.. Resistance.Keys.Select(Some.Defense)],
        Attacks = attacks.Length > 0 ? attacks : [Some.Attack("finetune")],
    };

    /// <summary>Plays every phase to its end; with early stopping, what the rule would have cut is cut.</summary>
    public Dictionary<string, PhaseResult> Play(TournamentSpec spec, TournamentPlan plan)
    {
        var prompts = Enumerable.Range(0, Prompts).Select(_ => Normal.Sample(_random, 0, PromptSpread)).ToArray();
        return plan.Phases.ToDictionary(p => p.Id, p => Play(spec, p, prompts));
    }

    public TournamentReport Report(TournamentSpec spec)
    {
        var plan = TournamentPlan.From(spec);
        return TournamentFold.Report(spec, plan, Play(spec, plan));
    }

    public PhaseResult Play(TournamentSpec spec, Phase phase, double[] prompts)
    {
        if (phase.Kind != PhaseKind.Attack) return phase.Kind == PhaseKind.Defend ? Some.Result(phase) : Some.Assessment(phase);
        var luck = Normal.Sample(_random, 0, SeedSpread);
        var resistance = Resistance[phase.Defense.Id] - Strength.GetValueOrDefault(phase.Attack!.Label);
        var breaks = prompts.Select(p => Math.Pow(2, resistance + luck + p + Normal.Sample(_random, 0, RestSpread))).ToArray();
        var utility = Utility.GetValueOrDefault(phase.Attack.Label, 1);
        var checkpoints = EvaluationGrid.Steps(spec.AttackLimits.Steps).Select(step => new Checkpoint
        {
            Step = step,
            Harm = [[.. breaks.Select(b => step >= b ? 1.0 : 0.0)]],
            Utility = [.. Enumerable.Repeat(utility, 10)],
            Coherence = 1,
        }).ToArray();
        return Some.Result(phase) with
        {
            Spent = new Spent { Steps = checkpoints[^1].Step },
            Trajectory = new Trajectory
            {
                Templates = ["chat"],
                HarmPrompts = [.. Enumerable.Range(0, Prompts).Select(i => $"hex/{i}")],
                UtilityPrompts = [.. Enumerable.Range(0, 10).Select(i => $"soup/{i}")],
                Checkpoints = checkpoints,
            },
        };
    }
}
