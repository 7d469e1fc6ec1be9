using System.Security.Cryptography;
using System.Text;
using Titer.Files;
using Titer.Runtime.Results;
using Titer.Tournament;
using Titer.Tournament.Tests;

namespace Titer.Runtime.Tests.Results;

/// <summary>An index is found again faster, says nothing else than the files do, and is believed for no file that was touched.</summary>
public sealed class ResultIndexTests : IDisposable
{
    private static readonly TournamentSpec Spec = Some.Spec("holds", "bends") with { AttackSeeds = 40 };
    private static readonly TournamentPlan Plan = TournamentPlan.From(Spec);
    private static readonly Dictionary<string, Dictionary<int, double>> Curves =
        new() { ["holds"] = new() { [0] = 0, [8] = 0.1, [32] = 0.1 }, ["bends"] = new() { [0] = 0, [8] = 0.5, [32] = 0.5 } };

    private readonly TestFolder _folder = new();
    private readonly ResultKey _key;

    public ResultIndexTests()
    {
        _key = ResultKey.Of(_folder.File("key"));
        using var run = RunFolder.Open(Results, _key);
        foreach (var phase in Plan.Phases) Write(run, Played(phase));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_host_that_reads_many_results_leaves_an_index_and_the_next_one_opens_no_file()
    {
        var (first, fromFiles) = Load(isHeld: true);
        var (second, fromIndex) = Load(isHeld: false);

        Assert.Equal(0, first.FromIndex);
        Assert.Equal(Plan.Phases.Count, second.FromIndex);
        Assert.Equal(Texts(fromFiles), Texts(fromIndex));
        Assert.Empty(second.Notices);
        Assert.Null(second.Unsealed);
        Assert.DoesNotContain(Parts, f => !f.EndsWith(".bin", StringComparison.Ordinal));
    }

    [Fact]
    public void Whoever_only_reads_leaves_nothing()
    {
        Load(isHeld: false);

        Assert.Empty(Parts);
    }

    [Fact]
    public void Few_results_need_no_index()
    {
        using var run = RunFolder.Open(Results, _key);
        var store = new ResultStore(run, clock: new Tomorrow());

        store.Load(Spec, Plan.Phases.Take(ResultIndex.LeastResults - 1));

        Assert.Empty(Parts);
    }

    [Fact]
    public void Files_as_young_as_a_clock_is_coarse_are_not_in_it()
    {
        using (var run = RunFolder.Open(Results, _key)) new ResultStore(run, clock: new Yesterday()).Load(Spec);

        Assert.Empty(Parts);
    }

    [Fact]
    public void A_result_that_was_changed_is_set_aside_also_where_its_times_were_set_back()
    {
        Load(isHeld: true);
        var phase = Plan.Phases[700];
        var file = FileOf(phase);
        var (bytes, written) = (File.ReadAllBytes(file), File.GetLastWriteTimeUtc(file));
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(file, bytes);
        File.SetLastWriteTimeUtc(file, written);

        var (store, results) = Load(isHeld: true);

        Assert.DoesNotContain(phase.Id, results.Keys);
        Assert.StartsWith("TITER208 ", Assert.Single(store.Notices), StringComparison.Ordinal);
        Assert.Equal(Plan.Phases.Count - 1, store.FromIndex);
        Assert.False(File.Exists(file));
    }

    [Fact]
    public void A_result_of_another_host_in_its_place_is_not_taken_for_it()
    {
        Load(isHeld: true);
        var phase = Plan.Phases[700];
        File.WriteAllText(FileOf(phase), PhaseFile.Text(Played(phase) with { WallSeconds = 99 }, ResultKey.OfThisProcess()));

        var (store, results) = Load(isHeld: true);

        Assert.DoesNotContain(phase.Id, results.Keys);
        Assert.StartsWith("TITER236 ", Assert.Single(store.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_that_was_removed_is_not_there()
    {
        Load(isHeld: true);
        File.Delete(FileOf(Plan.Phases[700]));

        Assert.DoesNotContain(Plan.Phases[700].Id, Load(isHeld: true).Results.Keys);
    }

    [Fact]
    public void A_result_that_was_played_again_is_the_new_one()
    {
        Load(isHeld: true);
        var phase = Plan.Phases[700];
        PlayAgain(phase, r => r with { WallSeconds = 99 });

        Assert.Equal(99, Load(isHeld: true).Results[phase.Id].WallSeconds);
        Assert.Equal(99, Load(isHeld: false).Results[phase.Id].WallSeconds);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_result_whose_answers_are_gone_or_changed_does_not_hold(bool areGone)
    {
        Load(isHeld: true);
        var phase = Plan.Phases.First(p => p.Kind == PhaseKind.Attack);
        var answers = Directory.EnumerateFiles(Path.Combine(Results, "samples"), phase.Id + "*").Single();
        if (areGone) File.Delete(answers);
        else File.AppendAllText(answers, "more");

        var (store, results) = Load(isHeld: true);

        Assert.DoesNotContain(phase.Id, results.Keys);
        Assert.Contains("answers", Assert.Single(store.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public void Results_on_a_defense_that_was_made_again_do_not_hold()
    {
        Load(isHeld: true);
        var defend = Plan.Phases.First(p => p.Kind == PhaseKind.Defend && p.Defense.Id == "holds");
        PlayAgain(defend, r => r with { WeightsHash = new string('f', 64) });

        var (again, results) = Load(isHeld: true);

        Assert.DoesNotContain(Plan.Phases, p => p.DefendPhaseId == defend.Id && results.ContainsKey(p.Id));
        Assert.All(again.Notices, n => Assert.Contains("other weights", n, StringComparison.Ordinal));
    }

    [Fact]
    public void A_damaged_index_changes_no_result_and_is_made_again()
    {
        var whole = Texts(Load(isHeld: true).Results);
        var random = new Random(20261128);
        for (var round = 0; round < 8; round++)
        {
            var part = Parts[random.Next(Parts.Length)];
            var bytes = File.ReadAllBytes(part);
            if (round % 4 == 0) bytes = bytes[..random.Next(bytes.Length)];
            else bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(part, bytes);

            Assert.Equal(whole, Texts(Load(isHeld: false).Results));
            var (store, results) = Load(isHeld: true);

            Assert.Equal(whole, Texts(results));
            Assert.Empty(store.Notices);
            Assert.False(File.Exists(part));
        }

        Assert.Equal(Plan.Phases.Count, Load(isHeld: false).Store.FromIndex);
    }

    [Fact]
    public void An_index_of_another_host_is_not_believed()
    {
        Load(isHeld: true);
        using var run = RunFolder.OpenToRead(Results, ResultKey.OfThisProcess());
        var store = new ResultStore(run);

        var (_, results) = store.Load(Spec);

        Assert.Equal(0, store.FromIndex);
        Assert.Equal(Plan.Phases.Count, results.Count);
        Assert.StartsWith("TITER237 ", store.Unsealed, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_of_the_index_that_is_mostly_stale_is_written_again()
    {
        Load(isHeld: true);
        var before = Parts;
        // As a copy or a change of rights does.
        foreach (var phase in Plan.Phases) File.SetLastWriteTimeUtc(FileOf(phase), DateTime.UtcNow);

        var (store, results) = Load(isHeld: true);

        Assert.Equal(0, store.FromIndex);
        Assert.Equal(Plan.Phases.Count, results.Count);
        Assert.Empty(Parts.Intersect(before));
        Assert.Equal(Plan.Phases.Count, Load(isHeld: false).Store.FromIndex);
    }

    [Fact]
    public void A_run_that_plays_for_long_writes_its_index_as_it_goes()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Results, "phases"))) File.Delete(file);
        using (var run = RunFolder.Open(Results, _key))
        {
            var store = new ResultStore(run, clock: new Tomorrow());
            foreach (var phase in Plan.Phases.Take(ResultIndex.LeastResults + 10)) store.Commit(Played(phase));
        }

        var (read, results) = Load(isHeld: false);

        Assert.Equal(ResultIndex.LeastResults + 10, results.Count);
        Assert.Equal(ResultIndex.LeastResults, read.FromIndex);
    }

    [Fact]
    public void What_a_killed_host_left_of_an_index_is_no_part_of_it_and_goes()
    {
        Load(isHeld: true);
        var part = Parts[0];
        var left = $"{part}.{Guid.NewGuid():N}.tmp";
        File.WriteAllBytes(left, File.ReadAllBytes(part)[..1000]);

        Assert.Equal(Plan.Phases.Count, Load(isHeld: false).Store.FromIndex);
        Assert.True(File.Exists(left));
        Assert.Equal(Plan.Phases.Count, Load(isHeld: true).Store.FromIndex);
        Assert.False(File.Exists(left));
    }

    [Fact]
    public void Where_no_index_can_be_written_results_are_found_in_their_files()
    {
        // A file lies where its folder would be.
        File.WriteAllText(Path.Combine(Results, "index"), "mine");

        var (store, results) = Load(isHeld: true);

        Assert.Equal(Plan.Phases.Count, results.Count);
        Assert.Empty(store.Notices);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(Results, "index")));
    }

    private string Results => _folder.File("results");

    private string[] Parts =>
        Directory.Exists(Path.Combine(Results, "index")) ? Directory.GetFiles(Path.Combine(Results, "index")) : [];

    private string FileOf(Phase phase) => Path.Combine(Results, "phases", phase.Id + ".json");

    private (ResultStore Store, Dictionary<string, PhaseResult> Results) Load(bool isHeld)
    {
        using var run = isHeld ? RunFolder.Open(Results, _key) : RunFolder.OpenToRead(Results, _key);
        var store = new ResultStore(run, clock: new Tomorrow());
        return (store, store.Load(Spec).Results);
    }

    private void PlayAgain(Phase phase, Func<PhaseResult, PhaseResult> differs)
    {
        using var run = RunFolder.Open(Results, _key);
        var store = new ResultStore(run);
        store.Retire(Played(phase));
        store.Commit(differs(Played(phase)));
    }

    private static string[] Texts(Dictionary<string, PhaseResult> results) =>
        [.. results.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => TournamentJson.Serialize(r.Value))];

    private static PhaseResult Played(Phase phase) => Some.Standard(phase, Curves) with
    {
        WeightsHash = Hash(phase.DefendPhaseId ?? phase.Id),
        SamplesHash = phase.Kind == PhaseKind.Attack ? Hash(phase.Id) : null,
    };

    private static void Write(RunFolder run, PhaseResult result)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(run.PhaseFile("any"))!);
        File.WriteAllText(run.PhaseFile(result.PhaseId), PhaseFile.Text(result, run.Key));
        if (result.SamplesHash is not { } hash) return;
        Directory.CreateDirectory(Path.GetDirectoryName(run.SamplesFile("any", hash))!);
        File.WriteAllText(run.SamplesFile(result.PhaseId, hash), result.PhaseId);
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>All that the tests wrote is a day old.</summary>
    private sealed class Tomorrow : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow.AddDays(1);
    }

    /// <summary>Nothing that the tests wrote is old.</summary>
    private sealed class Yesterday : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow.AddDays(-1);
    }
}
