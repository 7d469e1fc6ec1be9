using Titer.Tournament.Scoring;

namespace Titer.Tournament.Tests;

/// <summary>Hand-made tournaments with known answers.</summary>
internal static class Some
{
    public static Entrant Defense(string id) => new() { Id = id, Label = id, ContentHash = "hash-of-" + id };

    public static Entrant Attack(string id, bool harmful = true) =>
        new() { Id = id, Label = id, ContentHash = "hash-of-" + id, UsesHarmfulData = harmful };

    public static System.Collections.Immutable.ImmutableSortedDictionary<string, string> Options(string name, string value) =>
        System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add(name, value);

    public static TournamentSpec Spec(params string[] defenses) => new()
    {
        Name = "some",
        Scenario = "made-up",
        ScenarioHash = "scenario",
        HostVersion = "1",
        Device = "cpu",
        Seeds = [1, 2, 3],
        DefenseLimits = new PhaseLimits { Steps = 100, WallSeconds = 60 },
        AttackLimits = new PhaseLimits { Steps = 32, Samples = 512, WallSeconds = 60 },
        TrainabilityLimits = new PhaseLimits { Steps = 48, WallSeconds = 60 },
        Thresholds = new Thresholds(),
        Defenses = [Defense("no_defense"), .. defenses.Select(Defense)],
        Attacks = [Attack("no_weight_modification", harmful: false), Attack("finetune")],
    };

    /// <summary>A curve: mean harmfulness by step, the same for every prompt.</summary>
    public static PhaseResult Trajectory(Phase phase, Dictionary<int, double> harm, double utility = 1, double coherence = 1) => Result(phase) with
    {
        Trajectory = new Trajectory
        {
            Templates = ["chat"],
            HarmPrompts = [.. Enumerable.Range(0, 20).Select(i => $"hex/{i}")],
            UtilityPrompts = [.. Enumerable.Range(0, 10).Select(i => $"soup/{i}")],
            Checkpoints = [.. harm.OrderBy(h => h.Key).Select(h => new Checkpoint
            {
                Step = h.Key,
                Samples = h.Key * 16,
                Harm = [Repeat(h.Value, 20)],
                Utility = Repeat(utility, 10),
                Coherence = coherence,
            })],
        },
    };

    /// <summary>A curve with the utility of each point.</summary>
    public static PhaseResult Curve(Phase phase, params (int Step, double Harm, double Utility)[] points)
    {
        var result = Trajectory(phase, points.ToDictionary(p => p.Step, p => p.Harm));
        return result with { Trajectory =
            result.Trajectory! with { Checkpoints =
                [.. result.Trajectory!.Checkpoints.Zip(points, (c, p) => c with { Utility = Repeat(p.Utility, 10) })] } };
    }

    /// <summary>The same with every answer to the forbidden prompts that coherent.</summary>
    public static PhaseResult WithHarmCoherence(this PhaseResult result, double coherence) => result with
    {
        Trajectory = result.Trajectory! with { Checkpoints =
            [.. result.Trajectory!.Checkpoints.Select(c => c with { HarmCoherence = [Repeat(coherence, 20)] })] },
    };

    public static PhaseResult Assessment(Phase phase, double utility = 1, double harm = 0, double coherence = 1, double skill = 0.8,
        int skillStep = 32) => Result(phase) with
    {
        Assessment = new Assessment
        {
            Templates = ["chat"],
            HarmPrompts = [.. Enumerable.Range(0, 20).Select(i => $"hex/{i}")],
            Harm = [Repeat(harm, 20)],
            UtilityPrompts = [.. Enumerable.Range(0, 10).Select(i => $"soup/{i}")],
            Utility = Repeat(utility, 10),
            Coherence = coherence,
            ReferencePerplexity = 3,
            TrainabilityPrompts = [.. Enumerable.Range(0, 10).Select(i => $"ink/{i}")],
            Trainability = [new TrainabilityPoint(0, 5, Repeat(0, 10)), new TrainabilityPoint(skillStep, 0.5, Repeat(skill, 10))],
        },
    };

    /// <summary>The same assessment of several tasks, ten prompts each, with the skill that each comes to.</summary>
    public static PhaseResult OfTasks(PhaseResult result, params double[] skills)
    {
        string[] names = ["ink", "glue", "soap"];
        var assessment = result.Assessment!;
        return result with
        {
            Assessment = assessment with
            {
                TrainabilityPrompts = [.. skills.SelectMany((_, t) => Enumerable.Range(0, 10).Select(i => $"{names[t]}/{i}"))],
                Trainability = [.. assessment.Trainability.Select((p, at) => p with
                {
                    Utility = [.. skills.SelectMany(skill => Repeat(at == 0 ? 0 : skill, 10))],
                })],
                TrainabilityTasks = [.. skills.Select((_, t) => new LearnedTask(names[t], 10, 2e-3))],
            },
        };
    }

    public static PhaseResult Result(Phase phase, PhaseStatus status = PhaseStatus.Done, string? code = null, string? reason = null) =>
        phase.Done() with { Status = status, Code = code, Reason = reason };

    /// <summary>Plays a whole tournament by a function; null leaves the phase unplayed.</summary>
    public static TournamentReport Play(TournamentSpec spec, Func<Phase, PhaseResult?> play)
    {
        var plan = TournamentPlan.From(spec);
        var results = plan.Phases.Select(play).OfType<PhaseResult>().ToDictionary(r => r.PhaseId);
        return TournamentFold.Report(spec, plan, results);
    }

    /// <summary>
    /// The undefended subject breaks at step 4 in every domain; a defense named in <paramref name="curves"/> follows its own curve.
    /// </summary>
    public static PhaseResult Standard(Phase phase, IReadOnlyDictionary<string, Dictionary<int, double>> curves) => phase.Kind switch
    {
        PhaseKind.Defend => Result(phase),
        PhaseKind.Assess => Assessment(phase),
        _ when phase.Exposure == Exposure.None => Trajectory(phase, new() { [0] = 0 }),
        _ => Trajectory(phase, curves.GetValueOrDefault(phase.Defense.Id) ?? new() { [0] = 0, [2] = 0.1, [4] = 0.9, [32] = 1 }),
    };

    private static double[] Repeat(double value, int count) => [.. Enumerable.Repeat(value, count)];
}
