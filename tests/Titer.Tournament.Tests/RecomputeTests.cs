using System.Diagnostics;
using Titer.Tournament.Scoring;
using Titer.Tournament.Tests.Simulation;

namespace Titer.Tournament.Tests;

/// <summary>
/// Every number of <c>leaderboard.json</c> once more, by a script that knows the definitions and none of this code, from the files of a run alone
/// (Recompute/recompute.py; it can be pointed at any results folder).
/// </summary>
public sealed class RecomputeTests
{
    private static readonly Dictionary<string, Dictionary<int, double>> Curves = new()
    {
        ["holds"] = new() { [0] = 0, [2] = 0, [4] = 0, [32] = 0.05 },
        ["late"] = new() { [0] = 0, [4] = 0.1, [16] = 0.7, [32] = 0.9 },
    };

    [Theory]
    [InlineData(0, 3, 1)]
    [InlineData(1, 5, 2)]
    [InlineData(2, 6, 1)]
    [InlineData(3, 6, 3)]
    [InlineData(4, 3, 3)]
    public async Task Simulated_tournaments_of_every_kind(int world, int models, int attacks)
    {
        var tournament = World.All[world].Tournament(17 + world, models, attacks);
        var spec = tournament.Spec(Some.Attack("no_weight_modification", harmful: false), Some.Attack("finetune"), Some.Attack("slow"));
        var plan = TournamentPlan.From(spec);

        await Agrees(spec, plan, tournament.Play(spec, plan));
    }

    [Fact]
    public Task Wrecked_cut_failed_gibberish_and_missing_runs() =>
        Agrees(Some.Spec("holds", "late", "ruined", "babbles", "noise") with { AttackSeeds = 2 }, p => p switch
    {
        { Kind: PhaseKind.Attack, Defense.Id: "ruined", Exposure: Exposure.InDomain } => Some.Curve(p, (0, 0, 1), (8, 0.1, 0.9), (32, 0, 0.1)),
        { Kind: PhaseKind.Attack, Defense.Id: "ruined", Exposure: Exposure.CrossDomain, Seed: 2 } =>
            Some.Curve(p, (0, 0, 0.98), (8, 0.6, 0.3), (16, 0.6, 0.9), (32, 0.6, 0.96)),
        { Kind: PhaseKind.Attack, Defense.Id: "babbles", Exposure: Exposure.InDomain } =>
            Some.Standard(p, Curves).WithHarmCoherence(p.Seed == 1 ? 0.3 : 0.7),
        { Kind: PhaseKind.Attack, Defense.Id: "babbles", Exposure: Exposure.CrossDomain, Seed: 3 } =>
            Some.Result(p, PhaseStatus.Timeout, "TITER203", "too slow"),
        { Kind: PhaseKind.Attack, Defense.Id: "holds", Exposure: Exposure.CrossDomain, AttackSeed: 2 } =>
            Some.Trajectory(p, new() { [0] = 0, [2] = 0, [3] = 0.1 }) with { Spent = new Spent { Steps = 3, WallSeconds = 61 } },
        { Kind: PhaseKind.Attack, Defense.Id: "late", Exposure: Exposure.CrossDomain, Seed: 3 } => null,
        { Kind: PhaseKind.Assess, Defense.Id: "noise" } => Some.Assessment(p, utility: 0.2, harm: 0.1 * p.Seed, skill: 0.5, skillStep: 16 * p.Seed),
        { Kind: PhaseKind.Assess, Defense.Id: "late" } => Some.Assessment(p, utility: 0.97, harm: 0.01 * p.Seed, skill: 0.75, skillStep: 48),
        _ => Some.Standard(p, Curves),
    });

    /// <summary>A rate that the plugin chooses is not divided for a cooler try.</summary>
    [Fact]
    public Task A_wrecked_attacker_of_a_rate_of_its_own()
    {
        var spec = Some.Spec("ruined");
        return Agrees(spec with { Attacks = [spec.Attacks[0], spec.Attacks[1] with { LearningRate = 0 }] }, p =>
            p is { Kind: PhaseKind.Attack, Defense.Id: "ruined", Attack.LearningRate: not null }
                ? Some.Curve(p, (0, 0, 1), (32, 0, 0.1)) : Some.Standard(p, Curves));
    }

    /// <summary>They are one attacker, whose phases are named by both and by the options of both.</summary>
    [Fact]
    public Task Two_attacks_in_a_row()
    {
        var spec = Some.Spec("holds", "late");
        var then = spec.Attacks[^1];
        var both = then with { Id = $"first -> {then.Id}", Label = "both", Family = "both", Then = then };
        return Agrees(spec with { Attacks = [.. spec.Attacks, both] }, p => Some.Standard(p, Curves));
    }

    /// <summary>A drop of coherence and one of an evaluation lead where they are the worst; what is told
    /// apart beside the verdicts comes out too.</summary>
    [Fact]
    public Task Stability_by_the_worst_of_what_is_kept_and_endpoints() => Agrees(Some.Spec("babbles", "forgets", "holds"), p => p switch
    {
        { Kind: PhaseKind.Assess, Defense.Id: "babbles" } => Told(Some.Assessment(p, coherence: 0.9 - 0.01 * p.Seed), p, exam: 0.8),
        { Kind: PhaseKind.Assess, Defense.Id: "forgets" } => Told(Some.Assessment(p, utility: 0.99), p, exam: 0.4 + 0.01 * p.Seed),
        { Kind: PhaseKind.Assess } => Told(Some.Assessment(p), p, exam: 0.8),
        _ => Some.Standard(p, Curves),
    });

    /// <summary>Tasks of which one is lost, one is slow, and one is learned by nobody.</summary>
    [Fact]
    public Task Trainability_over_tasks_and_on_the_worst_of_them() => Agrees(Some.Spec("babbles", "late", "holds"), p => p switch
    {
        { Kind: PhaseKind.Assess, Defense.Id: "babbles" } => Some.OfTasks(Some.Assessment(p), 0.8, 0.1 * p.Seed, 0),
        { Kind: PhaseKind.Assess, Defense.Id: "late" } => Some.OfTasks(Some.Assessment(p, skillStep: 16 * p.Seed), 0.85, 0.7, 0.1),
        { Kind: PhaseKind.Assess } => Some.OfTasks(Some.Assessment(p, skillStep: 16), 0.8, 0.7, 0),
        _ => Some.Standard(p, Curves),
    });

    [Theory]
    [InlineData(200, 80, 7, 20)]
    [InlineData(12, 12, 0, 3)]
    [InlineData(5, 2, 0, 0)]
    [InlineData(0, 0, 0, 0)]
    public Task The_error_of_the_judge_that_scores_harm(int answers, int harmful, int alarms, int misses) =>
        Agrees(Some.Spec("holds") with
        {
            HarmJudge = new HarmJudge("wildguard", "ff", new HumanCheck
            {
                File = "people.csv", Sha256 = "aa", Threshold = 0.5, Answers = answers, Missing = 4, Harmful = harmful, FalseAlarms = alarms,
                Misses = misses,
            }),
        }, p => Some.Standard(p, Curves));

    private static PhaseResult Told(PhaseResult result, Phase phase, double exam) => result with
    {
        Assessment = result.Assessment! with
        {
            Diagnostics = new Dictionary<string, double>
            {
                ["harm_refused"] = 0.9 - 0.1 * phase.Seed, ["harm_multiple_choice"] = 0.25, ["harm_short"] = 0.5,
                ["harm_incoherent"] = 0.01 * phase.Seed,
            },
            Evaluations = new Dictionary<string, IReadOnlyList<double>> { ["exam"] = [exam, 1, 0, exam, 1] },
        },
    };

    [Fact]
    public Task Twins_and_a_sweep_whose_winner_plays_again()
    {
        var spec = Some.Spec("holds", "late");
        return Agrees(
            spec with
            {
                Attacks = [.. new[] { "1e-4", "1e-3" }.Select(
                    rate => Some.Attack("finetune") with { Label = $"finetune[{rate}]", Family = "finetune",
                        Options = Some.Options("learning_rate", rate) })],
                EarlyStopping = StoppingRule.From(spec.Thresholds),
                Defenses = [.. spec.Defenses, spec.Defenses[2] with { Label = "late (twin)", Twin = 1 }],
            },
            p => p.Kind != PhaseKind.Attack ? Some.Standard(p, Curves)
                : (p.Attack!.Label.Contains("1e-4", StringComparison.Ordinal) ? Some.Trajectory(p, new() { [0] = 0, [8] = 0.1, [32] = 0.15 })
                    : Some.Standard(p, Curves) is var result && p.Defense.Id == "no_defense"
                        ? result with { Trajectory =
                            result.Trajectory! with { Checkpoints = [.. result.Trajectory.Checkpoints.Take(3)], IsStopped = true } }
                    : result) with { Spent = new Spent { Steps = 20 } });
    }

    /// <summary>One holds but for a try of one model, one was over phi in a try, one broke in a try before its winner's phases were lost.</summary>
    [Fact]
    public Task Tries_that_broke_a_model_and_do_not_count()
    {
        var spec = Some.Spec("holds", "doubted", "lost");
        return Agrees(spec with { Attacks = [spec.Attacks[0], .. new[] { "1e-4", "1e-3" }.Select(rate => Some.Attack("finetune") with
        {
            Label = $"finetune[{rate}]", Family = "finetune", Options = Some.Options("learning_rate", rate),
        })] }, p => (p.Kind, p.Defense.Id, p.Attack?.Label, p.IsFresh, p.Seed) switch
        {
            (PhaseKind.Attack, "holds", "finetune[1e-4]", false, _) => Some.Trajectory(p, new() { [0] = 0, [8] = 0.21, [32] = 0.21 }),
            (PhaseKind.Attack, "holds", "finetune[1e-3]", _, 3) => Some.Trajectory(p, new() { [0] = 0, [8] = 0, [16] = 0.9, [32] = 0.9 }),
            (PhaseKind.Attack, "doubted", "finetune[1e-4]", false, _) => Some.Trajectory(p, new() { [0] = 0, [8] = 0.21, [32] = 0.21 }),
            (PhaseKind.Attack, "lost", "finetune[1e-3]", false, _) => Some.Trajectory(p, new() { [0] = 0, [8] = 0, [16] = 0.9, [32] = 0.9 }),
            (PhaseKind.Attack, "lost", _, true, _) => null,
            (PhaseKind.Attack, "holds" or "doubted" or "lost", _, _, _) => Some.Trajectory(p, new() { [0] = 0, [8] = 0.05, [32] = 0.05 }),
            _ => Some.Standard(p, Curves),
        });
    }

    [Fact]
    public Task Cooler_tries_of_attacks_that_ruined_their_models()
    {
        var spec = Some.Spec("holds", "ruined", "always");
        return Agrees(
            spec with { Attacks = [spec.Attacks[0], spec.Attacks[1] with { LearningRate = 2e-4 }] },
            p => p is { Kind: PhaseKind.Attack, Attack.LearningRate: { } rate }
                && (p.Defense.Id == "always" || p is { Defense.Id: "ruined", Exposure: Exposure.InDomain } && rate > 1e-5)
                ? Some.Curve(p, (0, 0, 1), (8, 0.1, 0.9), (32, 0, 0.1)) with { Spent = new Spent { Steps = 32 } }
                : Some.Standard(p, Curves));
    }

    [Fact]
    public Task Strangers_attacks_that_are_set_aside_and_one_that_played_again()
    {
        var spec = Some.Spec("holds", "late");
        return Agrees(spec with { Attacks =
            [.. spec.Attacks, .. new[] { "picky", "unlucky", "wrecks" }.Select(id => Some.Attack(id) with { IsForeign = true })] }, p => p switch
        {
            { Kind: PhaseKind.Attack, Attack.Id: "picky", Defense.Id: "holds", Exposure: Exposure.InDomain } =>
                Some.Result(p, PhaseStatus.Error, "TITER201", "it threw"),
            { Kind: PhaseKind.Attack, Attack.Id: "unlucky", Defense.Id: "late", Seed: 2, IsReplay: false } =>
                Some.Result(p, PhaseStatus.Timeout, "TITER203", "too slow"),
            { Kind: PhaseKind.Attack, Attack.Id: "wrecks", Defense.Id: "holds" } when p.Seed > 1 =>
                Some.Curve(p, (0, 0, 1), (8, 0.1, 0.9), (32, 0, 0.1)),
            _ => Some.Standard(p, Curves),
        });
    }

    [Fact]
    public Task Searches_whose_tries_follow_from_each_other()
    {
        var spec = Some.Spec("holds", "late", "ruined") with { AttackSeeds = 2 };
        var search = new AttackSearch(7,
        [
            new SearchDimension("learning_rate", "0.0002") { From = "0.000002", To = "0.02" },
            new SearchDimension("rank", "8") { From = "2", To = "64", IsWhole = true },
            new SearchDimension("schedule", "Constant") { Values = ["Constant", "Cosine"] },
        ]);
        var attack = spec.Attacks[1] with { LearningRate = 2e-4, Search = search };
        return Agrees(spec with { EarlyStopping = StoppingRule.From(spec.Thresholds), Attacks = [spec.Attacks[0], attack] }, p =>
        {
            if (p is not { Kind: PhaseKind.Attack, Attack.LearningRate: { } rate }) return Some.Standard(p, Curves);
            // Hotter breaks sooner, and ruins the one that is brittle.
            var (breach, last) = ((p.Defense.Id == "late" ? 12 : 2) * (int)Math.Ceiling(1e-3 / rate), p.LastStep ?? 32);
            // What won was lucky: it only ruins the models when it plays again.
            if (p is { IsFresh: true, Defense.Id: "late" } && rate > 9e-4)
                return Some.Curve(p, (0, 0, 1), (32, 0, 0.1)) with { Spent = new Spent { Steps = 32 } };
            if (p.Defense.Id == "ruined" && rate > 1e-3 && Some.Curve(p, (0, 0, 1), (12, 0, 0.9)) is var beyondUse)
                return beyondUse with { Trajectory = beyondUse.Trajectory! with { IsGivenUp = true }, Spent = new Spent { Steps = 12 } };
            if (p.Defense.Id == "ruined" && rate > 1e-4) return Some.Curve(p, (0, 0, 1), (last, 0, 0.1)) with { Spent = new Spent { Steps = last } };
            var curve = new[] { 0, 2, 4, 8, 12, 16, 24, 32 }.Where(s => s <= last)
                .ToDictionary(s => s, s => p.Defense.Id != "holds" && s >= breach ? 0.5 + 0.01 * s : 0.01 * p.Seed);
            return Some.Trajectory(p, curve) with { Spent = new Spent { Steps = last } };
        });
    }

    private static async Task Agrees(TournamentSpec spec, Func<Phase, PhaseResult?> play)
    {
        var plan = TournamentPlan.From(spec);
        while (FollowUps.Extend(spec, plan, plan.Phases.Select(play).OfType<PhaseResult>().ToDictionary(r => r.PhaseId)) is var extended
            && extended.Phases.Count > plan.Phases.Count) plan = extended;
        await Agrees(spec, plan, plan.Phases.Select(play).OfType<PhaseResult>().ToDictionary(r => r.PhaseId));
    }

    private static async Task Agrees(TournamentSpec spec, TournamentPlan plan, Dictionary<string, PhaseResult> results)
    {
        var python = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Select(f => Path.Combine(f, "python3"))
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(python is null, "python3 is not on the path.");
        var folder = Directory.CreateTempSubdirectory("titer-recompute-");
        try
        {
            var cancellation = TestContext.Current.CancellationToken;
            var phases = folder.CreateSubdirectory("phases");
            foreach (var result in results.Values)
                await File.WriteAllTextAsync(Path.Combine(phases.FullName, result.PhaseId + ".json"), TournamentJson.Serialize(result),
                    cancellation);
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "run.lock.json"), TournamentJson.Serialize(spec), cancellation);
            // Through their files, as a run has them.
            var reader = new PhaseResultReader();
            var stored = results.ToDictionary(r => r.Key,
                r => reader.Read(System.Text.Encoding.UTF8.GetBytes(TournamentJson.Serialize(r.Value))));
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "leaderboard.json"),
                TournamentJson.Serialize(LeaderboardDocument.From(TournamentFold.Report(spec, plan, stored))), cancellation);

            using var process = Process.Start(new ProcessStartInfo(python!,
                ["-B", Path.Combine(AppContext.BaseDirectory, "Recompute", "recompute.py"), folder.FullName])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var error = await process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);

            TestContext.Current.TestOutputHelper!.WriteLine(await output);
            Assert.True(process.ExitCode == 0, await output + error);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
