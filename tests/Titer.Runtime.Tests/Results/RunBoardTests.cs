using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Results;
using Titer.Runtime.Tests.Plugins;
using Titer.Tournament;
using Titer.Tournament.Scoring;
using Titer.Tournament.Tests;

namespace Titer.Runtime.Tests.Results;

/// <summary>A part of a tournament has a board of its own, beside the whole one, and shares its results.</summary>
public sealed class RunBoardTests : IDisposable
{
    private static readonly Dictionary<string, Dictionary<int, double>> Curves =
        new() { ["holds"] = new() { [0] = 0, [8] = 0.1, [32] = 0.1 }, ["bends"] = new() { [0] = 0, [8] = 0.5, [32] = 0.5 } };

    private readonly string _folder = Directory.CreateTempSubdirectory("titer-test-").FullName;
    private readonly TournamentSpec _full = Some.Spec("holds", "bends");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_part_never_takes_the_place_of_the_whole()
    {
        Assert.Equal("holds", RunBoard.NameOf(Some.Spec("holds"), _full, isPart: false));
        Assert.Equal("baselines", RunBoard.NameOf(Some.Spec(), _full, isPart: true));
        Assert.Equal("seed-1", RunBoard.NameOf(_full with { Seeds = [1] }, _full with { Seeds = [1, 2, 3] }, isPart: true));
        Assert.Equal("baselines", RunBoard.NameOf(_full with { Attacks = [.. _full.Attacks.Take(1)] }, _full, isPart: true));
    }

    [Fact]
    public void The_whole_and_a_wider_one_stand_in_the_folder_itself()
    {
        Assert.Null(RunBoard.NameOf(_full, stood: null, isPart: true));
        Assert.Null(RunBoard.NameOf(_full, _full, isPart: true));
        Assert.Null(RunBoard.NameOf(_full, Some.Spec("holds"), isPart: false));
        Assert.Null(RunBoard.NameOf(Some.Spec("holds"), _full with { ScenarioHash = "of other data" }, isPart: true));
    }

    [Fact]
    public void A_part_with_somebody_new_leaves_the_whole_and_an_edited_file_replaces_it()
    {
        Assert.Equal("new", RunBoard.NameOf(Some.Spec("new"), _full, isPart: true));
        Assert.Null(RunBoard.NameOf(Some.Spec("holds", "new"), _full, isPart: false));
    }

    [Fact]
    public void A_name_that_no_file_system_takes_is_told_by_its_hash()
    {
        var one = RunBoard.NameOf(Some.Spec("../a/b"), _full, isPart: true)!;
        Assert.Matches("^---a-b-[0-9a-f]{8}$", one);
        Assert.NotEqual(one, RunBoard.NameOf(Some.Spec("../a:b"), _full, isPart: true));
        Assert.Equal(69, RunBoard.NameOf(Some.Spec(new string('x', 300)), _full, isPart: true)!.Length);
    }

    [Fact]
    public void A_narrower_board_is_read_from_its_own_folder_with_the_results_of_the_whole()
    {
        var key = ResultKey.Of(Path.Combine(_folder, "key"));
        string before;
        using (var folder = RunFolder.Open(_folder, key))
        {
            var store = new ResultStore(folder);
            foreach (var phase in TournamentPlan.From(_full).Phases)
            {
                store.Commit(Some.Standard(phase, Curves) with { WeightsHash = new string('a', 64),
                    Environment = new PlayEnvironment("r", "l", "o", "d") });
            }

            Write(folder, store, _full);
            before = File.ReadAllText(folder.LeaderboardFile);
        }

        var part = Some.Spec("holds");
        string board;
        using (var folder = RunFolder.Open(_folder, key))
        {
            folder.UseBoard(RunBoard.NameOf(part, RunRecords.FindSpec(folder), isPart: true)!);
            var store = new ResultStore(folder);
            var (plan, results) = store.Load(part);
            Assert.Empty(store.Notices);
            Assert.Empty(PhaseQueue.Missing(plan, results));
            Write(folder, store, part);
            board = folder.BoardPath;
        }

        Assert.Equal(Path.Combine(_folder, "boards", "holds"), board);
        Assert.Equal(before, File.ReadAllText(Path.Combine(_folder, "leaderboard.json")));
        using var read = RunFolder.OpenToRead(board + Path.DirectorySeparatorChar, key);
        var spec = RunRecords.ReadSpec(read);
        Assert.Equal(["no_defense", "holds"], spec.Defenses.Select(d => d.Label));
        Assert.Equal(TournamentPlan.From(spec).Phases.Count, new ResultStore(read).Load(spec).Results.Count);
    }

    [Fact]
    public void Naming_a_defense_keeps_every_attack_and_naming_an_attack_keeps_the_baselines()
    {
        var built = Path.Combine(TestRepository.Root, "artifacts", "plugins", Path.GetFileName(FixtureFolder.Root));
        var file = TournamentFileReader.Parse("t.yaml", "defenses: [good_defense]\nattacks: [full_parameter_finetune, lora_finetune]");
        var resolver = new TournamentResolver(file, PluginCatalog.Scan([FixtureFolder.Of("GoodDefense"), .. new[] { "Titer.Defenses.NoDefense",
            "Titer.Attacks.NoWeightModification", "Titer.Attacks.FullParameterFinetune", "Titer.Attacks.LoraFinetune" }
                .Select(p => Path.Combine(built, p))]), Quarantine.Empty, "test");

        (string[] Defenses, string[] Attacks) Kept(params string[] only)
        {
            var resolved = resolver.Resolve(new RunOverrides { Only = only });
            Assert.Equal(resolved.Spec.Attacks.Select(a => a.Id), resolved.File.Attacks!.Select(a => a.Id.Value));
            return ([.. resolved.Spec.Defenses.Select(d => d.Id)], [.. resolved.Spec.Attacks.Select(a => a.Id)]);
        }

        Assert.Equal(["no_defense", "good_defense"], Kept("good_defense").Defenses);
        Assert.Equal(["no_weight_modification", "full_parameter_finetune", "lora_finetune"], Kept("good_defense").Attacks);
        Assert.Equal(["no_weight_modification", "full_parameter_finetune", "lora_finetune"], Kept("no_defense").Attacks);
        Assert.Equal(["no_defense"], Kept("lora_finetune").Defenses);
        Assert.Equal(["no_weight_modification", "lora_finetune"], Kept("lora_finetune").Attacks);
        Assert.Equal(["no_weight_modification", "lora_finetune"], Kept("good_defense", "lora_finetune").Attacks);
        Assert.Equal(["no_defense", "good_defense"], Kept("good_defense", "lora_finetune").Defenses);
    }

    private static void Write(RunFolder folder, ResultStore store, TournamentSpec spec)
    {
        var (plan, results) = store.Load(spec);
        RunRecords.Write(folder, spec);
        RunRecords.Write(folder, TournamentFold.Report(spec, plan, results));
    }
}
