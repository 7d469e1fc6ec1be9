using System.Text;
using System.Text.Json;

namespace Titer.Tournament.Tests;

/// <summary>A point that is read by hand is what a generated reader reads, and what that refuses is refused.</summary>
public sealed class CheckpointReaderTests
{
    private const string Harm = """{"scores":[0,0.5],"rows":["01","10"]}""";

    [Theory]
    [InlineData("""{"step":3,"harm":[[0.5,1],[0,0]],"utility":[1],"coherence":0.5}""")]
    [InlineData("""{"coherence":1,"utility":{"scores":[1],"row":"0"},"harm":HARM,"harm_coherence":HARM,"harm_unread":2,"step":0}""")]
    [InlineData("""{"step":3,"samples":12,"tokens":4000000000,"flops":1.5e15,"device_seconds":0.25,"harm":HARM,"utility":[],"coherence":1}""")]
    [InlineData("""{"step":3,"flops":null,"device_seconds":null,"harm":HARM,"utility":[null,1],"coherence":null}""")]
    [InlineData("""{"step":3,"harm":null,"harm_coherence":null,"utility":null,"coherence":1}""")]
    [InlineData("""{"step":1,"more":{"step":[{"step":2}]},"harm":HARM,"unknown":"x","utility":[1],"coherence":1}""")]
    [InlineData("""{"step":1,"step":2,"harm":[[1]],"harm":HARM,"utility":[1],"coherence":1}""")]
    [InlineData("""{"st\u0065p":1,"harm":HARM,"utility":[1],"coherence":1}""")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("""{"harm":HARM,"utility":[1],"coherence":1}""")]
    [InlineData("""{"step":1,"utility":[1],"coherence":1}""")]
    [InlineData("""{"step":1,"harm":HARM,"coherence":1}""")]
    [InlineData("""{"step":1,"harm":HARM,"utility":[1]}""")]
    [InlineData("""{"Step":1,"harm":HARM,"utility":[1],"coherence":1}""")]
    [InlineData("""{"step":1.5,"harm":HARM,"utility":[1],"coherence":1}""")]
    [InlineData("""{"step":"1","harm":HARM,"utility":[1],"coherence":1}""")]
    [InlineData("""{"step":null,"harm":HARM,"utility":[1],"coherence":1}""")]
    [InlineData("""{"step":3000000000,"harm":HARM,"utility":[1],"coherence":1}""")]
    [InlineData("""{"step":1,"samples":1e30,"harm":HARM,"utility":[1],"coherence":1}""")]
    [InlineData("""{"step":1,"tokens":null,"harm":HARM,"utility":[1],"coherence":1}""")]
    [InlineData("""{"step":1,"harm_unread":null,"harm":HARM,"utility":[1],"coherence":1}""")]
    [InlineData("""{"step":1,"harm":"x","utility":[1],"coherence":1}""")]
    [InlineData("""{"step":1,"harm":HARM,"harm_coherence":{"scores":[0]},"utility":[1],"coherence":1}""")]
    [InlineData("""{"step":1,"harm":HARM,"utility":HARM,"coherence":1}""")]
    [InlineData("""{"step":1,"harm":HARM,"utility":[1],"coherence":"1"}""")]
    [InlineData("""{"step":1,"harm":HARM,"utility":[1],"coherence":{}}""")]
    [InlineData("""{"step":1,"harm":HARM,"utility":[1],"coherence":true}""")]
    public void A_point_is_read_or_refused_as_a_generated_reader_does(string point)
    {
        var text = Encoding.UTF8.GetBytes(Result(point.Replace("HARM", Harm, StringComparison.Ordinal)));

        var generated = Read(() => JsonSerializer.Deserialize(text, TournamentJson.Default.PhaseResult)!);
        var byHand = Read(() => new PhaseResultReader().Read(text));

        Assert.Equal(generated, byHand);
    }

    [Fact]
    public void Scores_that_points_repeat_are_kept_once_and_others_are_not_mistaken_for_them()
    {
        var reader = new PhaseResultReader();
        foreach (var i in Enumerable.Range(0, 5000).Concat(Enumerable.Range(0, 5000)))
        {
            var score = Math.Round(i / 5000.0, 6);
            var point = reader.Read(Encoding.UTF8.GetBytes(Result(FormattableString.Invariant(
                $$"""{"step":0,"harm":{"scores":[{{score}},1],"rows":["01"]},"utility":{"scores":[null,-0.0],"row":"01"},"coherence":1}"""))))
                .Trajectory!.Checkpoints[0];

            Assert.Equal([score, 1], point.Harm[0]);
            Assert.Equal([double.NaN, -0.0], point.Utility);
            Assert.True(double.IsNegative(point.Utility[1]));
        }

        var shared = new SharedScores();
        Assert.Same(shared.Of([0, 0.5]), shared.Of([0, 0.5]));
        Assert.Equal(double.NegativeZero, shared.Of([-0.0])[0]);
        Assert.False(double.IsNegative(shared.Of([0.0])[0]));
    }

    /// <summary>What was read, written again; or that it was refused.</summary>
    private static string Read(Func<PhaseResult> read)
    {
        try
        {
            return TournamentJson.Serialize(read());
        }
        catch (JsonException)
        {
            return "refused";
        }
    }

    private static string Result(string point)
    {
        const string trajectory = """{"templates":["plain"],"harm_prompts":["hex/1"],"utility_prompts":["soup/1"],"checkpoints":[POINT]}""";
        return $$"""{"phase_id":"p","kind":"attack","defense":"d","seed":1,"status":"done","trajectory":{{trajectory}}}"""
            .Replace("POINT", point, StringComparison.Ordinal);
    }
}
