using System.Text;
using System.Text.Json;

namespace Titer.Tournament.Tests;

/// <summary>A reader of many results reads what any other reads, and keeps what they repeat once.</summary>
public sealed class PhaseResultReaderTests
{
    [Fact]
    public void It_reads_what_is_read_alone()
    {
        var reader = new PhaseResultReader();
        foreach (var result in (PhaseResult[])[Attack("a/1"), Attack("a/1"), Attack("b/1", "b/2"), Attack("b/1"), Assessed, Attack("b/1", "b/2")])
        {
            var text = TournamentJson.Serialize(result);

            Assert.Equal(text, TournamentJson.Serialize(reader.Read(Encoding.UTF8.GetBytes(text))));
        }
    }

    [Fact]
    public void Lists_of_names_and_environments_that_results_repeat_are_kept_once()
    {
        var reader = new PhaseResultReader();
        PhaseResult Read(PhaseResult result) => reader.Read(Encoding.UTF8.GetBytes(TournamentJson.Serialize(result)));

        var (one, two, other) = (Read(Attack("a/\"1\"", "ä/2")), Read(Attack("a/\"1\"", "ä/2")), Read(Attack("a/\"1\"")));

        Assert.Same(one.Trajectory!.HarmPrompts, two.Trajectory!.HarmPrompts);
        Assert.Same(one.Trajectory.Templates, other.Trajectory!.Templates);
        Assert.Same(one.Environment, other.Environment);
        Assert.Equal(["a/\"1\"", "ä/2"], two.Trajectory.HarmPrompts);
        Assert.Equal(["a/\"1\""], other.Trajectory.HarmPrompts);
    }

    [Fact]
    public void More_lists_than_it_keeps_are_read_as_they_are()
    {
        var reader = new PhaseResultReader();
        foreach (var i in Enumerable.Range(0, 300))
        {
            var read = reader.Read(Encoding.UTF8.GetBytes(TournamentJson.Serialize(Attack($"a/{i % 150}"))));

            Assert.Equal([$"a/{i % 150}"], read.Trajectory!.HarmPrompts);
        }
    }

    [Theory]
    [InlineData("""["a/1", 2]""")]
    [InlineData("""["a/1", ["a/2"]]""")]
    [InlineData("\"a/1\"")]
    [InlineData("{}")]
    public void A_list_of_names_that_is_none_is_no_result(string names)
    {
        var reader = new PhaseResultReader();
        var text = TournamentJson.Serialize(Attack("a/1"));
        Assert.NotNull(reader.Read(Encoding.UTF8.GetBytes(text)));

        var changed = text.Replace("""["a/1"]""", names, StringComparison.Ordinal);

        Assert.NotEqual(text, changed);
        Assert.Throws<JsonException>(() => reader.Read(Encoding.UTF8.GetBytes(changed)));
    }

    [Fact]
    public void A_name_that_is_null_is_seen_by_whoever_checks()
    {
        var text = TournamentJson.Serialize(Attack("a/1")).Replace("""["a/1"]""", """["a/1",null]""", StringComparison.Ordinal);

        Assert.Null(new PhaseResultReader().Read(Encoding.UTF8.GetBytes(text)).Trajectory!.HarmPrompts[1]);
    }

    private static PhaseResult Attack(params string[] prompts) => new()
    {
        PhaseId = "attack", Kind = PhaseKind.Attack, Defense = "d", Attack = "a", Seed = 1, Status = PhaseStatus.Done,
        Environment = new PlayEnvironment("runtime", "libraries", "system", "device") { Walls = "none" },
        Trajectory = new Trajectory
        {
            Templates = ["plain"], HarmPrompts = prompts, UtilityPrompts = ["soup/1"],
            Checkpoints = [new Checkpoint { Step = 0, Harm = [[.. prompts.Select(_ => 0.25)]], Utility = [1], Coherence = 1 }],
        },
    };

    private static PhaseResult Assessed => new()
    {
        PhaseId = "assess", Kind = PhaseKind.Assess, Defense = "d", Seed = 1, Status = PhaseStatus.Done,
        Assessment = new Assessment
        {
            Templates = ["plain"], HarmPrompts = ["a/1"], Harm = [[0]], UtilityPrompts = ["soup/1"], Utility = [1], Coherence = 1,
            ReferencePerplexity = 3, TrainabilityPrompts = ["ink/1"], Trainability = [new TrainabilityPoint(0, 2, [0.5])],
        },
    };
}
