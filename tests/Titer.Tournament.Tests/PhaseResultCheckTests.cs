namespace Titer.Tournament.Tests;

/// <summary>A result is input from somebody else: what the fold could not bear is refused, what it can is not.</summary>
public sealed class PhaseResultCheckTests
{
    private static readonly TournamentPlan Plan = TournamentPlan.From(Some.Spec("good"));
    private static readonly Phase Attack = Plan.Phases.First(p => p.Attack?.Id == "finetune");
    private static readonly Phase Assess = Plan.Phases.First(p => p.Kind == PhaseKind.Assess);
    private static readonly Phase Defend = Plan.Phases.First(p => p.Kind == PhaseKind.Defend);
    private static readonly PhaseResult Trajectory = Some.Trajectory(Attack, new() { [0] = 0, [4] = 0.9 });
    private static readonly PhaseResult Assessment = Some.Assessment(Assess);

    [Fact]
    public void Honest_results_are_accepted()
    {
        Assert.Null(PhaseResultCheck.Problem(Attack, Trajectory, mostSteps: 32));
        Assert.Null(PhaseResultCheck.Problem(Assess, Assessment, mostSteps: 48));
        Assert.Null(PhaseResultCheck.Problem(Defend, Some.Result(Defend) with { WeightsHash = new string('a', 64) }));
        Assert.Null(PhaseResultCheck.Problem(Defend, Some.Result(Defend, PhaseStatus.Timeout, "TITER203", "too long")));
    }

    public static TheoryData<string, PhaseResult> Refused => new()
    {
        { "another phase", Trajectory with { PhaseId = "0000000000000000" } },
        { "kind", Trajectory with { Kind = PhaseKind.Defend } },
        { "seed", Trajectory with { Seed = 77 } },
        { "version", Trajectory with { Version = 99 } },
        { "version", Trajectory with { Version = 0 } },
        { "status is none", Trajectory with { Status = (PhaseStatus)77 } },
        { "do not go together", Trajectory with { Code = "TITER201" } },
        { "do not go together", Some.Result(Attack, PhaseStatus.Error) },
        { "its code", Some.Result(Attack, PhaseStatus.Error, "BOOM", "x") },
        { "too long", Some.Result(Attack, PhaseStatus.Error, "TITER201", new string('x', 30_000)) },
        { "not done", Some.Result(Attack, PhaseStatus.Error, "TITER201", "x") with { Trajectory = Trajectory.Trajectory } },
        { "scores are not", Trajectory with { Trajectory = null } },
        { "scores are not", Trajectory with { Assessment = Assessment.Assessment } },
        { "hash", Trajectory with { SamplesHash = "x" } },
        { "hash", Trajectory with { SamplesHash = "../../../../../../../../../../../../../../../../../../../etc/passwd" } },
        { "spent is missing", Trajectory with { Spent = null! } },
        { "negative", Trajectory with { Spent = new Spent { Steps = -9_000_000_000_000_000_000 } } },
        { "negative", Trajectory with { Spent = new Spent { Flops = double.NaN } } },
        { "negative", Trajectory with { WallSeconds = double.PositiveInfinity } },
        { "no points", With(t => t with { Checkpoints = [] }) },
        { "no points", With(t => t with { Checkpoints = null! }) },
        { "no points", With(t => t with { Checkpoints = [null!] }) },
        { "no templates", With(t => t with { Templates = [] }) },
        { "no templates", With(t => t with { HarmPrompts = null! }) },
        { "no name", With(t => t with { UtilityPrompts = [null!] }) },
        { "steps", With(t => t with { Checkpoints = [t.Checkpoints[1]] }) },
        { "steps", With(t => t with { Checkpoints = [t.Checkpoints[0], t.Checkpoints[0]] }) },
        { "steps", With(t => t with { Checkpoints = [t.Checkpoints[0], t.Checkpoints[1] with { Step = -3 }] }) },
        { "steps", With(t => t with { Checkpoints = [t.Checkpoints[0], t.Checkpoints[1] with { Step = int.MaxValue }] }) },
        { "each prompt", Last(c => c with { Harm = [[1e300]] }) },
        { "each prompt", Last(c => c with { Harm = null! }) },
        { "each prompt", Last(c => c with { Harm = [null!] }) },
        { "each prompt", Last(c => c with { Harm = [[]] }) },
        { "each prompt", Last(c => c with { Harm = [Enumerable.Repeat(-1.0, 20).ToArray()] }) },
        { "each prompt", Last(c => c with { Harm = [Enumerable.Repeat(double.NaN, 20).ToArray()] }) },
        { "each prompt", Last(c => c with { Utility = [] }) },
        { "each prompt", Last(c => c with { Coherence = 1.5 }) },
        { "negative", Last(c => c with { DeviceSeconds = -1 }) },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_the_fold_cannot_bear_is_refused(string words, PhaseResult result) =>
        Assert.Contains(words, PhaseResultCheck.Problem(Attack, result, mostSteps: 32), StringComparison.Ordinal);

    public static TheoryData<string, PhaseResult> Stored => new()
    {
        { "", Last(c => c) },
        { "", Last(c => c with { HarmCoherence = [Many(0.5, 20)], HarmUnread = 20 }) },
        { "steps", With(t => t with { Checkpoints = [t.Checkpoints[1]] }) },
        { "steps", With(t => t with { Checkpoints = [t.Checkpoints[0], t.Checkpoints[0]] }) },
        { "steps", Last(c => c with { Step = -3 }) },
        { "steps", Last(c => c with { Step = 33 }) },
        { "each prompt", Last(c => c with { Harm = [Many(1.5, 20)] }) },
        { "each prompt", Last(c => c with { Harm = [Many(double.NaN, 20)] }) },
        { "each prompt", With(t => t with { Checkpoints = [.. t.Checkpoints.Select(c => c with { Harm = [Many(0, 19)] })] }) },
        { "each prompt", With(t => t with { Checkpoints = [.. t.Checkpoints.Select(c => c with { Harm = [Many(0, 20), Many(0, 20)] })] }) },
        { "each prompt", With(t => t with { Checkpoints = [.. t.Checkpoints.Select(c => c with { HarmCoherence = [Many(-1, 20)] })] }) },
        { "each prompt", With(t => t with { Checkpoints = [.. t.Checkpoints.Select(c => c with { Utility = [1] })] }) },
        { "each prompt", Last(c => c with { Utility = Many(-0.5, 10) }) },
        { "each prompt", Last(c => c with { Coherence = 1.5 }) },
        { "each prompt", Last(c => c with { HarmUnread = -1 }) },
        { "each prompt", Last(c => c with { HarmUnread = 21 }) },
        { "negative", Last(c => c with { DeviceSeconds = -1 }) },
        { "negative", Last(c => c with { Tokens = -1 }) },
        { "negative", Last(c => c with { Flops = 1e30 }) },
    };

    [Theory]
    [MemberData(nameof(Stored))]
    public void What_is_read_from_a_file_is_checked_alike(string words, PhaseResult result)
    {
        var read = new PhaseResultReader().Read(System.Text.Encoding.UTF8.GetBytes(TournamentJson.Serialize(result)));

        Assert.Equal((result.Trajectory!.Checkpoints[0].HarmCoherence is null) == (result.Trajectory.Checkpoints[^1].HarmCoherence is null),
            read.Trajectory!.Checkpoints is PackedPoints);
        Assert.Equal(PhaseResultCheck.Problem(Attack, result, mostSteps: 32), PhaseResultCheck.Problem(Attack, read, mostSteps: 32));
        Assert.Contains(words, PhaseResultCheck.Problem(Attack, read, mostSteps: 32) ?? "", StringComparison.Ordinal);
        Assert.Equal(words.Length == 0, PhaseResultCheck.Problem(Attack, read, mostSteps: 32) is null);
    }

    [Fact]
    public void Prompts_that_nobody_asked_are_refused()
    {
        var asked = new AskedPrompts(["chat"],
            new Dictionary<Exposure, IReadOnlyList<string>> { [Attack.Exposure] = Trajectory.Trajectory!.HarmPrompts },
            Trajectory.Trajectory.UtilityPrompts, []);

        Assert.Null(PhaseResultCheck.Problem(Attack, Trajectory, 32, asked));
        Assert.Contains("not the scenario's", PhaseResultCheck.Problem(Attack, Trajectory, 32, asked with { Templates = ["book"] }),
            StringComparison.Ordinal);
        Assert.Contains("not the scenario's",
            PhaseResultCheck.Problem(Attack, Trajectory, 32, asked with { Utility = [.. asked.Utility.Reverse()] }), StringComparison.Ordinal);
    }

    [Fact]
    public void An_assessment_without_its_fine_tune_is_refused()
    {
        foreach (var broken in new[] { Assessment.Assessment! with { Trainability = [] }, Assessment.Assessment! with { Trainability = null! },
            Assessment.Assessment! with { TrainabilityPrompts = null! }, Assessment.Assessment! with { Diagnostics = null! } })
        {
            Assert.NotNull(PhaseResultCheck.Problem(Assess, Assessment with { Assessment = broken }));
        }
    }

    private static double[] Many(double score, int count) => [.. Enumerable.Repeat(score, count)];

    private static PhaseResult With(Func<Trajectory, Trajectory> change) => Trajectory with { Trajectory = change(Trajectory.Trajectory!) };

    private static PhaseResult Last(Func<Checkpoint, Checkpoint> change) =>
        With(t => t with { Checkpoints = [t.Checkpoints[0], change(t.Checkpoints[1])] });
}
