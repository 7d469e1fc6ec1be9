using System.Collections;
using System.Reflection;
using System.Text;

namespace Titer.Tournament.Tests;

/// <summary>Results that come out of a block are those that went in.</summary>
public sealed class ResultBlockTests
{
    private static readonly TournamentSpec Spec = Some.Spec("first", "second");
    private static readonly IReadOnlyList<Phase> Phases = TournamentPlan.From(Spec).Phases;
    private static readonly PlayEnvironment Environment = new(".NET", "libtorch", "Debian", "a processor") { Walls = "landlock 6" };

    [Fact]
    public void Results_of_every_kind_and_status_come_back()
    {
        PhaseResult[] results = [.. Phases.Select((p, i) => Read((i % 7) switch
        {
            5 => p.Failed(PhaseStatus.Timeout, "TITER201", "It took \u221e long."),
            6 => p.Failed(PhaseStatus.Error, "TITER202", "x") with { Trace = "at A.B()", Environment = Environment },
            _ => Some.Standard(p, new Dictionary<string, Dictionary<int, double>>()) with { WeightsHash = new string('a', 64), WallSeconds = i },
        }))];

        var back = ResultBlock.Read(ResultBlock.Of(results), _ => true, new PhaseResultReader());

        Assert.Equal(results.Select(TournamentJson.Serialize), back.Select(r => TournamentJson.Serialize(r!)));
    }

    [Fact]
    public void Every_member_of_an_attack_comes_back()
    {
        var whole = Read(Whole());
        AssertAllSet(whole, "Code", "Reason", "Trace", "Assessment");
        AssertAllSet(whole.Spent);
        AssertAllSet(whole.Trajectory!);
        AssertAllSet(whole.Trajectory!.Checkpoints[^1]);
        AssertAllSet(whole.Environment!);

        var back = ResultBlock.Read(ResultBlock.Of([whole]), _ => true, new PhaseResultReader())[0]!;

        Assert.Equal(TournamentJson.Serialize(whole), TournamentJson.Serialize(back));
        Assert.Equal(whole.Spent, back.Spent);
        Assert.IsType<PackedPoints>(back.Trajectory!.Checkpoints);
    }

    [Fact]
    public void What_is_not_there_is_not_there_again()
    {
        var bare = Read(Whole() with { SamplesHash = null, Environment = null, ProcessorSeconds = null, WeightsHash = null });

        var back = ResultBlock.Read(ResultBlock.Of([bare]), _ => true, new PhaseResultReader())[0]!;

        Assert.Equal((null, null, null, null), (back.SamplesHash, back.Environment, back.ProcessorSeconds, back.WeightsHash));
        Assert.Equal(TournamentJson.Serialize(bare), TournamentJson.Serialize(back));
    }

    [Fact]
    public void Lists_of_prompts_are_those_that_the_reader_knows()
    {
        var reader = new PhaseResultReader();
        var known = reader.Read(Encoding.UTF8.GetBytes(TournamentJson.Serialize(Whole())));

        var back = ResultBlock.Read(ResultBlock.Of([Read(Whole()), Read(Whole())]), _ => true, reader);

        Assert.All(back, r => Assert.Same(known.Trajectory!.HarmPrompts, r!.Trajectory!.HarmPrompts));
        Assert.All(back, r => Assert.Same(known.Environment, r!.Environment));
    }

    [Fact]
    public void Results_that_nobody_wants_are_passed_by()
    {
        var reader = new PhaseResultReader();
        PhaseResult[] results = [.. Phases.Select(p => Read(Some.Standard(p, new Dictionary<string, Dictionary<int, double>>()), reader))];
        var wanted = results.Where((_, i) => i % 3 == 1).Select(r => r.PhaseId).ToHashSet();

        var back = ResultBlock.Read(ResultBlock.Of(results), wanted.Contains, reader);

        Assert.Equal(results.Select(r => wanted.Contains(r.PhaseId) ? r.PhaseId : null), back.Select(r => r?.PhaseId));
    }

    private static PhaseResult Whole()
    {
        var result = Some.Trajectory(Phases.First(p => p.Kind == PhaseKind.Attack && p.Exposure == Exposure.CrossDomain),
            new Dictionary<int, double> { [0] = 0, [7] = 0.25 }).WithHarmCoherence(0.75);
        return result with
        {
            AttackSeed = 2, WeightsHash = new string('a', 64), SamplesHash = new string('b', 64), Environment = Environment,
            WallSeconds = 1.5, PeakMemoryMegabytes = 300, ProcessorSeconds = 1.25,
            Spent = new Spent { Steps = 7, Samples = 112, Tokens = 5_000_000_000, Flops = 1e15, WallSeconds = 1.125 },
            Trajectory = result.Trajectory! with
            {
                IsStopped = true, IsGivenUp = true,
                Checkpoints = [.. result.Trajectory.Checkpoints.Select(c => c with
                    { Tokens = 9, Flops = 1e12, DeviceSeconds = 0.5, HarmUnread = 3, Coherence = 0.5 })],
            },
        };
    }

    private static PhaseResult Read(PhaseResult result, PhaseResultReader? reader = null) =>
        (reader ?? new PhaseResultReader()).Read(Encoding.UTF8.GetBytes(TournamentJson.Serialize(result)));

    /// <summary>A member that is added later must be added to the sample, and with it to the block.</summary>
    private static void AssertAllSet(object value, params string[] but)
    {
        foreach (var property in value.GetType().GetProperties().Where(p => p.SetMethod is not null && !but.Contains(p.Name)))
        {
            var set = property.GetValue(value);
            var isSet = set switch
            {
                null => false,
                ICollection { Count: 0 } => false,
                ValueType number => property.PropertyType.IsEnum || !number.Equals(Activator.CreateInstance(number.GetType())),
                _ => true,
            };
            Assert.True(isSet, $"{value.GetType().Name}.{property.Name} has its default in the sample: the block may have lost it.");
        }
    }
}
