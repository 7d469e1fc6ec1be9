using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Runtime.Tournaments;
using Titer.Scenarios;
using Titer.Tournament;

namespace Titer.Runtime.Tests.Tournaments;

/// <summary>
/// What a worker answers and leaves is input from an enemy who knows everything: its answers here are sound but for one thing. The run goes on, the
/// phase says what was wrong, the folder stays good.
/// </summary>
public sealed class HostileWorkerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("titer-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>What is left in the place of the answers, and the word for it.</summary>
    public static TheoryData<string, string> Leavings => new()
    {
        { "mkfifo", "no regular file" },
        { "link", "a link" },
        { "sparse", "more than the" },
        { "line", "a line of over" },
        { "bomb", "more answers than were asked for" },
        { "garbage", "" },
        { "nothing", "left none" },
    };

    [Theory]
    [MemberData(nameof(Leavings))]
    public async Task Answers_that_are_none_refuse_their_phase_alone(string kind, string words)
    {
        var outcome = await PlayAsync((order, result) =>
        {
            if (order.Phase.Kind == PhaseKind.Attack) Leave(kind, order.OutputSamplesFile!);
            return result;
        });

        var attack = outcome.Results.Values.Single(r => r.Kind == PhaseKind.Attack);
        Assert.Equal((PhaseStatus.Invalid, "TITER228"), (attack.Status, attack.Code));
        Assert.Contains(words, attack.Reason, StringComparison.Ordinal);
        Assert.All(outcome.Results.Values.Where(r => r.Kind != PhaseKind.Attack), r => Assert.Equal(PhaseStatus.Done, r.Status));
    }

    [Theory]
    [InlineData("mkfifo", "no regular file")]
    [InlineData("link", "a link")]
    [InlineData("sparse", "more than the")]
    [InlineData("nothing", "no weights file")]
    public async Task Weights_that_are_none_refuse_their_phase_alone(string kind, string words)
    {
        var outcome = await PlayAsync((order, result) =>
        {
            if (order.Phase.Kind == PhaseKind.Defend) Leave(kind, order.OutputWeightsFile!);
            return result;
        });

        var defend = Assert.Single(outcome.Results.Values);
        Assert.Equal((PhaseStatus.Invalid, "TITER205"), (defend.Status, defend.Code));
        Assert.Contains(words, defend.Reason, StringComparison.Ordinal);
    }

    public static TheoryData<string, Func<PhaseResult, PhaseResult>> Senseless => new()
    {
        { "spent", r => r with { Spent = null! } },
        { "checkpoints", r => r with { Trajectory = r.Trajectory! with { Checkpoints = [] } } },
        { "null checkpoint", r => r with { Trajectory = r.Trajectory! with { Checkpoints = [null!] } } },
        { "other prompts", r => r with { Trajectory = r.Trajectory! with { HarmPrompts = ["hex/1"] } } },
        { "harm of 1e300", r => Point(r, c => c with { Harm = [.. c.Harm.Select(row => row.Select(_ => 1e300).ToArray())] }) },
        { "harm that is no number", r => Point(r, c => c with { Harm = [.. c.Harm.Select(row => row.Select(_ => double.NaN).ToArray())] }) },
        { "steps of the far future", r => Point(r, c => c with { Step = int.MaxValue }) },
        { "steps spent below zero", r => r with { Spent = new Spent { Steps = long.MinValue } } },
        { "another status", r => r with { Status = (PhaseStatus)77 } },
        { "an error with scores", r => r with { Status = PhaseStatus.Error, Code = "TITER201", Reason = "x" } },
        { "a hash that leads out", r => r with { SamplesHash = "../../x" } },
        { "another kind", r => r with { Kind = PhaseKind.Defend } },
        { "version", r => r with { Version = 99 } },
    };

    [Theory]
    [MemberData(nameof(Senseless))]
    public async Task An_answer_that_makes_no_sense_refuses_its_phase_alone(string what, Func<PhaseResult, PhaseResult> change)
    {
        var outcome = await PlayAsync((order, result) => order.Phase.Kind == PhaseKind.Attack ? change(result) : result);

        var attack = outcome.Results.Values.Single(r => r.PhaseId != "" && r.Attack is not null);
        // A hash is the host's to say: what a worker says of it is not even read.
        Assert.True(what == "a hash that leads out"
            ? attack.Status == PhaseStatus.Done
            : (attack.Status, attack.Code) == (PhaseStatus.Invalid, "TITER227"), $"{what}: {attack.Status} {attack.Code} {attack.Reason}");
    }

    [Fact]
    public async Task An_exception_of_the_host_itself_is_its_phases_result_and_a_fault_of_the_machine_is_none()
    {
        var outcome = await PlayAsync((order, result) => order.Phase.Kind switch
        {
            PhaseKind.Attack => throw new InvalidOperationException("made up"),
            PhaseKind.Assess => throw new MachineFaultException("TITER232", "The disk is full, made up."),
            _ => result,
        });

        var attack = outcome.Results.Values.Single(r => r.Kind == PhaseKind.Attack);
        Assert.Equal((PhaseStatus.Error, "TITER224"), (attack.Status, attack.Code));
        Assert.DoesNotContain(outcome.Results.Values, r => r.Kind == PhaseKind.Assess);
        Assert.Equal(("TITER232 The disk is full, made up.", 1), Assert.Single(outcome.Faults));
    }

    private static PhaseResult Point(PhaseResult result, Func<Checkpoint, Checkpoint> change) =>
        result with { Trajectory = result.Trajectory! with { Checkpoints =
            [.. result.Trajectory.Checkpoints.Take(result.Trajectory.Checkpoints.Count - 1), change(result.Trajectory.Checkpoints[^1])] } };

    private static void Leave(string kind, string path)
    {
        File.Delete(path);
        switch (kind)
        {
            case "mkfifo":
                using (var make = Process.Start("mkfifo", [path])) make.WaitForExit();
                break;
            case "link":
                File.CreateSymbolicLink(path, "/etc/passwd");
                break;
            case "sparse":
                using (var file = File.Create(path)) file.SetLength(1L << 40);
                break;
            case "line":
                Compressed(path, stream => stream.Write(new byte[8 << 20]));
                break;
            case "bomb":
                var line = Encoding.UTF8.GetBytes("{\"step\":0,\"set\":\"harm\",\"template\":\"plain\",\"prompt\":\"x\",\"answer\":\"\"}\n");
                Compressed(path, stream =>
                {
                    for (var i = 0; i < 100_000; i++) stream.Write(line);
                });
                break;
            case "garbage":
                File.WriteAllBytes(path, [1, 2, 3]);
                break;
        }
    }

    private static void Compressed(string path, Action<GZipStream> write)
    {
        using var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest);
        write(gzip);
    }

    private async Task<RunOutcome> PlayAsync(Func<PhaseOrder, PhaseResult, PhaseResult> change)
    {
        var catalog = BuiltInPlugins.CatalogWith([]);
        var file = TournamentFile.Default with
        {
            Name = "hostile",
            Seeds = [1],
            Defenses = [new EntrantEntry { Id = new Positioned<string>("no_defense", 0, 0) }],
            Attacks = [new EntrantEntry { Id = new Positioned<string>("no_weight_modification", 0, 0) }],
            Attack = new BudgetEntry { Steps = 2 },
        };
        var tournament = new TournamentResolver(file, catalog, Quarantine.Empty, "test").Resolve(new RunOverrides());
        using var run = RunFolder.Open(Path.Combine(_folder, "run"));
        var runner = new TournamentRunner(new Enemy(tournament.Assets.Scenario, change), run, tournament.Assets, Quarantine.Empty, lanes: 1);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromMinutes(1));
        var plan = TournamentPlan.From(tournament.Spec);
        var outcome = await runner.PlayAsync(tournament.Spec, plan, new Deaf(), deadline.Token, deadline.Token);
        // What was stored is read back as it is: the next run does not stumble over it.
        var store = new ResultStore(run, tournament.Assets.Scenario);
        Assert.Equal(outcome.Results.Keys.Order(), store.Load(tournament.Spec).Results.Keys.Order());
        Assert.Empty(store.Notices);
        return outcome;
    }

    /// <summary>A worker whose answers are right but for what the test changes; it trains nothing and knows every prompt.</summary>
    private sealed class Enemy(Scenario scenario, Func<PhaseOrder, PhaseResult, PhaseResult> change) : IPhaseExecutor
    {
        public Task<PhaseResult> ExecuteAsync(PhaseOrder order, IPhaseEvents events, CancellationToken abort)
        {
            var result = order.Phase.Kind switch
            {
                PhaseKind.Defend => Defended(order),
                PhaseKind.Attack => order.Phase.Done() with { Trajectory = Trajectory() },
                _ => order.Phase.Done() with { Assessment = Assessment() },
            };
            if (order.OutputSamplesFile is { } file) SampleFile.Write(file, Samples(result));
            return Task.FromResult(change(order, result));
        }

        private PhaseResult Defended(PhaseOrder order)
        {
            File.Copy(Path.Combine(scenario.SubjectFolder, "model.safetensors"), order.OutputWeightsFile!);
            return order.Phase.Done();
        }

        private Trajectory Trajectory() => new()
        {
            Templates = [.. scenario.Templates.Select(t => t.Name)],
            HarmPrompts = AskedIds.Harm(scenario, scenario.Domains.All),
            UtilityPrompts = AskedIds.Utility(scenario),
            Checkpoints = [.. new[] { 0, 2 }.Select(step =>
                new Checkpoint { Step = step, Harm = Zeros(AskedIds.Harm(scenario, scenario.Domains.All)),
                    Utility = Ones(AskedIds.Utility(scenario)), Coherence = 1 })],
        };

        private Assessment Assessment() => new()
        {
            Templates = [.. scenario.Templates.Select(t => t.Name)],
            HarmPrompts = AskedIds.Harm(scenario, scenario.Domains.All),
            Harm = Zeros(AskedIds.Harm(scenario, scenario.Domains.All)),
            UtilityPrompts = AskedIds.Utility(scenario),
            Utility = Ones(AskedIds.Utility(scenario)),
            Coherence = 1,
            ReferencePerplexity = 2,
            TrainabilityPrompts = AskedIds.Trainability(scenario),
            Trainability = [new TrainabilityPoint(0, 1, Ones(AskedIds.Trainability(scenario)))],
        };

        private static IEnumerable<StepSample> Samples(PhaseResult result) => result switch
        {
            { Trajectory: { } t } => t.Checkpoints.SelectMany(c => Point(c.Step, t.Templates, t.HarmPrompts, t.UtilityPrompts)),
            { Assessment: { } a } => Point(0, a.Templates, a.HarmPrompts, a.UtilityPrompts)
                .Concat(a.TrainabilityPrompts.Select(p => new StepSample(0, new Sample(SampleSet.Trainability, null, p, "")))),
            _ => [],
        };

        private static IEnumerable<StepSample> Point(int step, IReadOnlyList<string> templates, IReadOnlyList<string> harm,
            IReadOnlyList<string> utility) =>
            templates.SelectMany(t => harm.Select(p => new StepSample(step, new Sample(SampleSet.Harm, t, p, ""))))
                .Concat(utility.Select(p => new StepSample(step, new Sample(SampleSet.Utility, null, p, ""))));

        private IReadOnlyList<IReadOnlyList<double>> Zeros(IReadOnlyList<string> prompts) =>
            [.. scenario.Templates.Select(_ => new double[prompts.Count])];

        private static double[] Ones(IReadOnlyList<string> prompts) => [.. prompts.Select(_ => 1.0)];
    }

    private sealed class Deaf : IRunObserver
    {
        public void Started(Phase phase)
        {
        }

        public void Progressed(Phase phase, PhaseProgress progress)
        {
        }

        public void Finished(Phase phase, PhaseResult result)
        {
        }
    }
}
