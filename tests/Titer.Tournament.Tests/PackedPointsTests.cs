using System.Text;

namespace Titer.Tournament.Tests;

/// <summary>Points that are kept packed are the points that were read.</summary>
public sealed class PackedPointsTests
{
    [Fact]
    public void Points_that_are_alike_are_packed_and_come_back_to_the_bit()
    {
        var random = new Random(5);
        double[] grades = [0, 1.0 / 3, 2.0 / 3, 1, -0.0, double.NaN];
        Checkpoint[] points = [.. Enumerable.Range(0, 9).Select(t => new Checkpoint
        {
            Step = t,
            Samples = 16 * t, Tokens = 4_000_000_000 + t, Flops = 1.5e15 * t, DeviceSeconds = 0.25 * t, HarmUnread = t, Coherence = 1 - t / 10.0,
            Harm = Table(3, 7, () => grades[random.Next(4)]),
            HarmCoherence = Table(3, 7, () => t < 4 ? 1 : grades[random.Next(4)]),
            Utility = Row(5, () => grades[random.Next(6)]),
        })];

        var packed = Packed(points);

        Assert.IsType<PackedPoints>(packed);
        Assert.Equal(points.Length, packed.Count);
        Assert.Equal(points.Select(Text), packed.Select(Text));
        Assert.Equal(points.Select(Text).Reverse(), Enumerable.Range(0, points.Length).Reverse().Select(t => Text(packed[t])));
        Assert.Throws<IndexOutOfRangeException>(() => packed[points.Length]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(256)]
    public void However_many_grades_a_metric_has_they_come_back(int grades)
    {
        var next = 0;
        Checkpoint[] points = [.. Enumerable.Range(0, 20).Select(t => Plain(t) with
            { Harm = Table(2, 13, () => next++ % grades / (double)grades) })];

        var packed = Packed(points);

        Assert.IsType<PackedPoints>(packed);
        Assert.Equal(points.Select(Text), packed.Select(Text));
    }

    public static TheoryData<string, Checkpoint> Unlike => new()
    {
        { "another template", Plain(2) with { Harm = Table(3, 2, () => 0) } },
        { "another prompt", Plain(2) with { Harm = Table(1, 3, () => 0) } },
        { "rows of unlike lengths", Plain(2) with { Harm = [[0, 1], [0]] } },
        { "coherence once", Plain(2) with { HarmCoherence = Table(1, 2, () => 1) } },
        { "another benign prompt", Plain(2) with { Utility = [1, 1, 1, 1, 1] } },
        { "no prompts", Plain(2) with { Harm = [[]] } },
    };

    [Theory]
    [MemberData(nameof(Unlike))]
    public void Points_that_are_not_alike_stay_as_they_are_for_the_check_to_see(string how, Checkpoint odd)
    {
        Checkpoint[] points = [Plain(0), Plain(1), odd];

        var read = Read(points);

        Assert.IsNotType<PackedPoints>(read.Trajectory!.Checkpoints);
        Assert.Equal(3, read.Trajectory.Checkpoints.Count);
        Assert.Equal(Text(read), Text(read with { Trajectory = read.Trajectory with { Checkpoints = points } }));
        Assert.NotEmpty(how);
    }

    [Fact]
    public void More_grades_than_bits_stay_as_they_are()
    {
        var next = 0;
        Checkpoint[] points = [.. Enumerable.Range(0, 30).Select(t => Plain(t) with { Harm = Table(1, 10, () => next++ / 300.0) })];

        var read = Packed(points);

        Assert.IsNotType<PackedPoints>(read);
        Assert.Equal(points.Select(Text), read.Select(Text));
    }

    private static PhaseResult Attacked { get; } = Some.Trajectory(
        TournamentPlan.From(Some.Spec("defense")).Phases.First(p => p.Kind == PhaseKind.Attack), new Dictionary<int, double> { [0] = 0 });

    private static Checkpoint Plain(int step) => new() { Step = step, Harm = Table(1, 2, () => 0.5), Utility = [1, 0], Coherence = 1 };

    private static IReadOnlyList<Checkpoint> Packed(Checkpoint[] points) => Read(points).Trajectory!.Checkpoints;

    private static PhaseResult Read(Checkpoint[] points)
    {
        var result = Attacked;
        return new PhaseResultReader().Read(Encoding.UTF8.GetBytes(TournamentJson.Serialize(
            result with { Trajectory = result.Trajectory! with { Checkpoints = points } })));
    }

    /// <summary>As it would be stored: every member to the last digit.</summary>
    private static string Text(Checkpoint point) =>
        Text(Attacked with { Trajectory = Attacked.Trajectory! with { Checkpoints = [point] } });

    private static string Text(PhaseResult result) => TournamentJson.Serialize(result);

    private static double[][] Table(int rows, int width, Func<double> score) => [.. Enumerable.Range(0, rows).Select(_ => Row(width, score))];

    private static double[] Row(int count, Func<double> score) => [.. Enumerable.Range(0, count).Select(_ => score())];
}
