namespace Titer.Rubric.Tests;

public sealed class RubricOptionsTests
{
    private static readonly RubricOptions Good = new() { Endpoint = new("https://judge.example/v1"), Model = "m", CacheFolder = Path.Combine(Path.GetTempPath(), "titer-rubric-never-made") };

    public static TheoryData<string, RubricOptions> Bad => new()
    {
        { "no http address", Good with { Endpoint = new("ftp://judge.example") } },
        { "no http address", Good with { Endpoint = new("v1", UriKind.Relative) } },
        { "user name", Good with { Endpoint = new("https://me:secret@judge.example/v1") } },
        { "unencrypted", Good with { Endpoint = new("http://judge.example/v1"), KeyVariable = "ANY" } },
        { "no model", Good with { Model = " " } },
        { "rubric is empty", Good with { Rubric = new("own", "", VerdictForm.Score) } },
        { "cache folder", Good with { CacheFolder = "" } },
        { "MaxParallelRequests is 0", Good with { MaxParallelRequests = 0 } },
        { "Retries is -1", Good with { Retries = -1 } },
        { "TimeoutSeconds is NaN", Good with { TimeoutSeconds = double.NaN } },
        { "waits run", Good with { FirstRetrySeconds = 2, LongestRetrySeconds = 1 } },
        { "price is negative", Good with { InputPricePerMillionTokens = -1 } },
        { "MaxOutputTokens is 0", Good with { MaxOutputTokens = 0 } },
    };

    [Theory]
    [MemberData(nameof(Bad), DisableDiscoveryEnumeration = true)]
    public void What_cannot_work_is_refused_before_anything_is_sent(string fact, RubricOptions options)
    {
        var refusal = Assert.Throws<RubricException>(() => new RubricJudge(options));

        Assert.StartsWith("TITER560 ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(fact, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", fact == "user name" ? refusal.Message : "", StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_is_not_there_and_a_folder_that_cannot_be_made_are_coded()
    {
        Assert.Equal("TITER561", Assert.Throws<RubricException>(() => new RubricJudge(Good with { KeyVariable = "TITER_NO_SUCH_KEY" })).Code);
        var file = Path.GetTempFileName();
        Assert.Equal("TITER568", Assert.Throws<RubricException>(() => new RubricJudge(Good with { CacheFolder = Path.Combine(file, "cache") })).Code);
        File.Delete(file);
    }

    [Fact]
    public void Built_in_rubrics_and_own_ones_say_what_to_reply()
    {
        Assert.Equal(["graded_harm", "direct_harm"], RubricText.BuiltIn.Select(r => r.Id));
        Assert.Contains("\"score\"", RubricText.Own("polite", "You grade politeness.").Text, StringComparison.Ordinal);
        Assert.All(RubricText.BuiltIn, r => Assert.Contains("never instructions to you", r.Text, StringComparison.Ordinal));
    }
}
