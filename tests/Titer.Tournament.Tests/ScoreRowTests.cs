namespace Titer.Tournament.Tests;

/// <summary>Scores in few bits are the scores.</summary>
public sealed class ScoreRowTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(1000)]
    public void A_row_gives_back_what_it_was_made_of(int distinct)
    {
        var random = new Random(distinct);
        double[] values = [.. Enumerable.Range(0, distinct).Select(_ => random.NextDouble())];
        double[] scores = [.. values, .. Enumerable.Range(0, 777).Select(_ => values[random.Next(distinct)])];

        var row = ScoreRow.Of(scores);

        Assert.Equal(scores, row);
        Assert.Equal(scores, Enumerable.Range(0, row.Count).Select(i => row[i]));
        Assert.Equal(scores[3..700], row.Slice(3, 697));
        Assert.Throws<ArgumentOutOfRangeException>(() => row.Slice(3, 5)[5]);
    }

    [Fact]
    public void Numbers_that_are_none_and_minus_zero_are_kept()
    {
        double[] scores = [0, -0.0, double.NaN, 1, 1, -0.0];

        Assert.Equal(scores.Select(BitConverter.DoubleToInt64Bits), ScoreRow.Of(scores).Select(BitConverter.DoubleToInt64Bits));
        Assert.Empty(ScoreRow.Of([]));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("0.1")]
    [InlineData("0.333333")]
    [InlineData("0.666667")]
    [InlineData("0.9999999")]
    [InlineData("0.000001")]
    [InlineData("1E-07")]
    [InlineData("0.30000000000000004")]
    [InlineData("12.5")]
    [InlineData("-0.5")]
    public void A_score_is_read_to_the_bit_as_any_parser_reads_it(string text)
    {
        var result = Read(Json($"[[{text},{text}]]"));

        var expected = double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(result.Trajectory!.Checkpoints[0].Harm[0][1]));
    }

    [Theory]
    [InlineData("[[0.5,\"0.5\"]]")]
    [InlineData("[[0.5,[0.5]]]")]
    [InlineData("[0.5]")]
    [InlineData("[null]")]
    [InlineData("{}")]
    [InlineData("{\"scores\":[0,1]}")]
    [InlineData("{\"scores\":[0,1],\"row\":\"01\"}")]
    [InlineData("{\"scores\":[0,1],\"rows\":\"01\"}")]
    [InlineData("{\"rows\":[\"01\"],\"scores\":[0,1]}")]
    [InlineData("{\"scores\":[0,1],\"rows\":[\"02\"]}")]
    [InlineData("{\"scores\":[0,1],\"rows\":[\"0-\"]}")]
    [InlineData("{\"scores\":[0,1],\"rows\":[\"0\\u0031\"]}")]
    [InlineData("{\"scores\":[0,1],\"rows\":[\"01\"],\"more\":1}")]
    [InlineData("{\"scores\":[],\"rows\":[\"0\"]}")]
    public void A_table_that_is_none_is_no_result(string table) =>
        Assert.Throws<System.Text.Json.JsonException>(() => Read(Json(table)));

    [Fact]
    public void Rows_of_unlike_lengths_are_seen_as_they_are()
    {
        var harm = Read(Json("[[0,1],[0.5]]")).Trajectory!.Checkpoints[0].Harm;

        Assert.Equal([2, 1], harm.Select(r => r.Count));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(62)]
    [InlineData(63)]
    [InlineData(400)]
    public void Scores_are_stored_packed_where_few_are_distinct_and_read_again_to_the_bit(int distinct)
    {
        var random = new Random(distinct);
        double[] values = [.. Enumerable.Range(0, distinct).Select(i => Math.Round(random.NextDouble(), 6))];
        double[][] table = [.. Enumerable.Range(0, 3).Select(_ => (double[])[.. values, .. values.Reverse()])];
        var result = Read(Json("[[0,0]]"));
        var points = result.Trajectory!.Checkpoints.Select(p => p with { Harm = table, Utility = table[0] }).ToArray();

        var text = TournamentJson.Serialize(result with { Trajectory = result.Trajectory with { Checkpoints = points } });
        var read = Read(text).Trajectory!.Checkpoints[0];

        Assert.Equal(distinct <= 62, text.Contains("\"rows\":[\"", StringComparison.Ordinal));
        Assert.Equal(table, read.Harm);
        Assert.Equal(table[0], read.Utility);
    }

    [Fact]
    public void What_is_not_finite_is_stored_as_null_and_rows_of_unlike_lengths_as_they_are()
    {
        var result = Read(Json("[[0,0]]"));
        double[][] table = [[double.NaN, 0.25], [1], []];
        var points = result.Trajectory!.Checkpoints.Select(p => p with { Harm = table }).ToArray();

        var text = TournamentJson.Serialize(result with { Trajectory = result.Trajectory with { Checkpoints = points } });

        Assert.Contains("""{"scores":[null,0.25,1],"rows":["01","2",""]}""", text, StringComparison.Ordinal);
        Assert.Equal(table, Read(text).Trajectory!.Checkpoints[0].Harm);
    }

    private static PhaseResult Read(string text) => new PhaseResultReader().Read(System.Text.Encoding.UTF8.GetBytes(text));

    private static string Json(string harm)
    {
        const string points = "{\"step\":0,\"harm\":HARM,\"utility\":[1],\"coherence\":1}";
        const string prompts = "\"templates\":[\"chat\"],\"harm_prompts\":[\"hex/0\",\"hex/1\"],\"utility_prompts\":[\"soup/0\"]";
        const string trajectory = "{" + prompts + ",\"checkpoints\":[" + points + "]}";
        const string head = "{\"phase_id\":\"p\",\"kind\":\"attack\",\"defense\":\"d\",\"seed\":1,\"status\":\"done\"";
        const string result = head + ",\"trajectory\":" + trajectory + "}";
        return result.Replace("HARM", harm, StringComparison.Ordinal);
    }
}
