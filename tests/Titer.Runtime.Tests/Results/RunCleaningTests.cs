using Titer.Runtime.Results;
using Titer.Tournament;
using Titer.Tournament.Scoring;
using Titer.Tournament.Tests;

namespace Titer.Runtime.Tests.Results;

/// <summary>What goes is what nothing needs, least needed first; what a report, a score or a resumed run needs stays.</summary>
public sealed class RunCleaningTests : IDisposable
{
    private static readonly string[] Boards = ["holds", "bends"];

    private readonly string _folder = Directory.CreateTempSubdirectory("titer-test-").FullName;
    private readonly ResultKey _key;
    private readonly TournamentSpec _spec = Some.Spec(Boards) with { Seeds = [1] };
    private readonly TournamentPlan _plan;

    public RunCleaningTests()
    {
        _key = ResultKey.Of(Path.Combine(_folder, "..", $"{Path.GetFileName(_folder)}.key"));
        _plan = TournamentPlan.From(_spec);
        using var folder = RunFolder.Open(_folder, _key);
        var store = new ResultStore(folder);
        RunRecords.Write(folder, _spec);
        // One attack on bends is still to be played.
        var left = _plan.Phases.Last(p => p is { Kind: PhaseKind.Attack, Defense.Label: "bends" });
        foreach (var phase in _plan.Phases.Where(p => p != left))
        {
            store.Commit(Some.Standard(phase, new Dictionary<string, Dictionary<int, double>>()) with { WeightsHash = HashOf(phase.Defense),
                Environment = new PlayEnvironment("r", "l", "o", "d") });
            Put($"logs/{phase.Id}.jsonl", 10);
        }

        Put($"logs/{left.Id}.jsonl", 10);
        foreach (var (defense, i) in _spec.Defenses.Select((d, i) => (d, i)))
        {
            Put($"weights/{HashOf(defense)}/model.safetensors", 1000 + i);
            Put(Path.GetRelativePath(_folder, Path.Combine(folder.PluginFolder(defense.Id, defense.ContentHash), "a.dll")), 50);
        }

        Put($"weights/{new string('f', 64)}/model.safetensors", 500);
        Put("plugins/gone-0123456789ab/a.dll", 100);
        Put("set-aside/phases-x.json", 20);
        Put("samples/a-b.jsonl.gz", 30);
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        File.Delete(_folder + ".key");
    }

    [Fact]
    public void What_nothing_needs_goes_first_and_what_an_export_needs_is_said()
    {
        Put("index/a.bin", 40);
        var items = Items();

        Assert.Equal(["set-aside", "logs", "plugins", "index", "weights"],
            items.Select(i => i.Place.Split(Path.DirectorySeparatorChar)[0]).Distinct());
        Assert.Equal(_plan.Phases.Count - 1, items.Count(i => i.Place.StartsWith("logs", StringComparison.Ordinal)));
        Assert.Equal("gone-0123456789ab", Path.GetFileName(Assert.Single(items, i => i.Place.StartsWith("plugins", StringComparison.Ordinal)).Path));
        Assert.Equal(["weights of no board", "defended model of holds seed 1; nothing is left to be played on it",
            "defended model of no_defense seed 1; nothing is left to be played on it"], items.TakeLast(3).Select(i => i.What));
        Assert.Equal([500L, 1001, 1000], items.TakeLast(3).Select(i => i.Bytes));
        Assert.Equal([false, true, true], items.TakeLast(3).Select(i => i.Loses?.Contains("titer export", StringComparison.Ordinal) == true));
    }

    [Fact]
    public void A_cleaned_folder_is_judged_and_resumed_as_before()
    {
        var before = Judged();
        using (var held = RunFolder.Open(_folder, _key)) RunCleaning.Remove(held, Items());

        Assert.Empty(Items());
        Assert.Equal(before, Judged());
        Assert.True(File.Exists(Path.Combine(_folder, "samples", "a-b.jsonl.gz")));
        Assert.Equal([HashOf(_spec.Defenses[2])], Directory.GetDirectories(Path.Combine(_folder, "weights")).Select(d => Path.GetFileName(d)));
        Assert.Single(Directory.GetFiles(Path.Combine(_folder, "logs")));
        Assert.Equal(3, Directory.GetDirectories(Path.Combine(_folder, "plugins")).Length);
    }

    [Fact]
    public void A_quota_is_met_with_what_is_least_needed()
    {
        var (all, total) = (Items(), RunCleaning.BytesOf(_folder));

        Assert.Empty(RunCleaning.Within(all, total, total));
        Assert.Equal(all.Take(1), RunCleaning.Within(all, total, total - 1));
        Assert.Equal(all.Take(2), RunCleaning.Within(all, total, total - 21));
        Assert.Equal(all, RunCleaning.Within(all, total, 0));
    }

    [Fact]
    public void A_narrower_board_keeps_what_it_still_has_to_play_on()
    {
        var part = _spec with { Defenses = [.. _spec.Defenses.Take(2)], AttackSeeds = 2 };
        using (var folder = RunFolder.Open(_folder, _key))
        {
            folder.UseBoard("holds");
            RunRecords.Write(folder, part);
        }

        Assert.Equal([new string('f', 64)], Items().Where(i => i.Place.StartsWith("weights", StringComparison.Ordinal))
            .Select(i => Path.GetFileName(i.Path)));
    }

    [Fact]
    public void A_folder_that_nobody_can_read_the_needs_of_is_left_alone()
    {
        Put("boards/damaged/run.lock.json", 3);
        Assert.StartsWith("TITER611", Assert.Throws<InvalidDataException>(Items).Message, StringComparison.Ordinal);
    }

    private static string HashOf(Entrant defense) => defense.Label switch { "holds" => new('a', 64), "bends" => new('b', 64), _ => new('c', 64) };

    private IReadOnlyList<Removable> Items()
    {
        using var folder = RunFolder.OpenToRead(_folder, _key);
        return RunCleaning.Of(folder);
    }

    private string Judged()
    {
        using var folder = RunFolder.OpenToRead(_folder, _key);
        var store = new ResultStore(folder);
        var (plan, results) = store.Load(RunRecords.ReadSpec(folder));
        Assert.Empty(store.Notices);
        return TournamentJson.Serialize(LeaderboardDocument.From(TournamentFold.Report(_spec, plan, results)))
            + string.Join(' ', PhaseQueue.Missing(plan, results).Select(p => p.Id));
    }

    private void Put(string place, int bytes)
    {
        var file = Path.Combine(_folder, place);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, new byte[bytes]);
    }
}
