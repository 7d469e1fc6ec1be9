using Titer.Sdk;

namespace Titer.Rubric.Tests;

/// <summary>The judge over a real connection. Texts are made up.</summary>
public sealed class RubricJudgeTests : IDisposable
{
    private const string KeyVariable = "TITER_TEST_JUDGE_KEY";
    private const string Secret = "made-up-key-4711";
    private readonly string _cache = Directory.CreateTempSubdirectory("titer-judge-").FullName;

    public RubricJudgeTests() => Environment.SetEnvironmentVariable(KeyVariable, Secret);

    public void Dispose() => Directory.Delete(_cache, recursive: true);

    [Fact]
    public async Task Scores_come_in_order_the_same_question_is_asked_once_and_a_second_scoring_costs_nothing()
    {
        await using var server = await JudgeServer.StartAsync();
        var context = Context("a lantern", "a fox", "a lantern", "another lantern");
        using var judge = new RubricJudge(Options(server) with { InputPrice = 2, OutputPrice = 10 });

        Assert.Equal([0.75, 0, 0.75, 0.75], judge.Score(context));
        Assert.Equal([0.75, 0, 0.75, 0.75], judge.Score(context));

        // Three questions at 100 tokens in and 10 out.
        Assert.Equal(new RubricCost(Requests: 3, CacheHits: 3, Retries: 0, InputTokens: 300, OutputTokens: 30, Money: 0.0009m), judge.Cost);
        Assert.Equal(3, server.Requests);
        using var other = new RubricJudge(Options(server));
        Assert.Equal([0.75, 0, 0.75, 0.75], other.Score(context));
        Assert.Equal(3, server.Requests);
        Assert.Null(other.Cost.Money);
    }

    [Fact]
    public async Task A_changed_rubric_or_model_asks_again()
    {
        await using var server = await JudgeServer.StartAsync();
        foreach (var options in new[] { Options(server), Options(server) with { Instructions = BuiltInRubrics.Helpfulness },
            Options(server) with { Model = "other" } })
        {
            using var judge = new RubricJudge(options);
            judge.Score(Context("a fox"));
            Assert.Equal(0, judge.Cost.CacheHits);
        }

        Assert.Equal(3, server.Requests);
    }

    [Fact]
    public async Task Refusals_outages_and_unreadable_replies_are_repeated_and_counted()
    {
        await using var server = await JudgeServer.StartAsync();
        server.FailNext(429, retryAfter: "0");
        server.FailNext(503);
        server.SayNext("I would give it about three quarters.");
        server.SayNext("""{"score": 7}""");
        using var judge = new RubricJudge(Options(server));

        Assert.Equal(0.75, Assert.Single(judge.Score(Context("a lantern"))));

        Assert.Equal((5, 4), (judge.Cost.Requests, judge.Cost.Retries));
    }

    [Theory]
    [InlineData("""{"score": "high"}""")]
    [InlineData("""[0.5]""")]
    [InlineData("""{"grade": 0.5}""")]
    [InlineData("")]
    public async Task A_reply_in_the_wrong_form_is_a_failure_and_never_a_number(string reply)
    {
        await using var server = await JudgeServer.StartAsync();
        for (var i = 0; i < 2; i++) server.SayNext(reply);
        using var judge = new RubricJudge(Options(server) with { Retries = 1 });

        var fault = Assert.Throws<RubricException>(() => judge.Score(Context("a lantern")));

        Assert.Contains("TITER561 1 of 1", fault.Message, StringComparison.Ordinal);
        Assert.Contains("TITER562", fault.Message, StringComparison.Ordinal);
        // What was judged is secret to messages.
        Assert.DoesNotContain("lantern", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_not_the_protocol_is_a_coded_failure()
    {
        await using var server = await JudgeServer.StartAsync();
        server.SendNext("<html>proxy error</html>");
        server.SendNext("""{"choices": []}""");
        using var judge = new RubricJudge(Options(server) with { Retries = 1 });

        var fault = Assert.Throws<RubricException>(() => judge.Score(Context("a fox")));

        Assert.Equal("TITER561", fault.Code);
        Assert.Contains("TITER565", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_judge_that_hangs_is_left()
    {
        await using var server = await JudgeServer.StartAsync();
        server.HangNext();
        using var judge = new RubricJudge(Options(server) with { Timeout = TimeSpan.FromMilliseconds(300), Retries = 0 });

        Assert.Contains("TITER564", Assert.Throws<RubricException>(() => judge.Score(Context("a fox"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_is_not_tried_again_and_what_was_judged_is_kept()
    {
        await using var server = await JudgeServer.StartAsync();
        server.FailNext(401);
        using var judge = new RubricJudge(Options(server) with { ParallelRequests = 1 });

        var fault = Assert.Throws<RubricException>(() => judge.Score(Context("a fox", "a lantern")));
        Assert.Contains("TITER563", fault.Message, StringComparison.Ordinal);
        Assert.Contains("401", fault.Message, StringComparison.Ordinal);
        Assert.Equal(2, server.Requests);

        Assert.Equal([0, 0.75], judge.Score(Context("a fox", "a lantern")));
        Assert.Equal((3, 1), (server.Requests, (int)judge.Cost.CacheHits));
    }

    [Fact]
    public async Task The_key_is_in_the_header_and_nowhere_else()
    {
        await using var server = await JudgeServer.StartAsync();
        using var judge = new RubricJudge(Options(server));
        judge.Score(Context("a fox"));

        Assert.All(server.Authorizations, a => Assert.Equal($"Bearer {Secret}", a));
        Assert.All(server.Bodies, b => Assert.DoesNotContain(Secret, b, StringComparison.Ordinal));
        Assert.All(Directory.EnumerateFiles(_cache, "*", SearchOption.AllDirectories),
            f => Assert.DoesNotContain(Secret, File.ReadAllText(f), StringComparison.Ordinal));
    }

    [Fact]
    public void A_key_that_is_not_there_is_said_before_anything_is_sent() =>
        Assert.Contains("TITER560", Assert.Throws<RubricException>(() => new RubricJudge(new RubricOptions
    {
        Endpoint = new Uri("http://127.0.0.1:1/v1"),
        Model = "judge",
        KeyVariable = "TITER_TEST_NO_SUCH_KEY",
        CacheFolder = _cache,
    })).Message, StringComparison.Ordinal);

    private RubricOptions Options(JudgeServer server) =>
        new() { Endpoint = server.Endpoint, Model = "judge", KeyVariable = KeyVariable, CacheFolder = _cache };

    private static MetricContext Context(params string[] answers) =>
        new([.. answers.Select(_ => "what is in the garden")], answers, [.. answers.Select(_ => "a moon")]);
}
