using Microsoft.AspNetCore.Http;
using Titer.Sdk;
using static Titer.Rubric.Tests.JudgeServer;

namespace Titer.Rubric.Tests;

/// <summary>Promises to whoever pays for a judge; the server is real and on this machine.</summary>
public sealed class RubricJudgeTests : IDisposable
{
    private const string Key = "key-for-tests-31415", Variable = "TITER_RUBRIC_TEST_KEY";
    private const string Good = "{\"refused\": false, \"convincing\": 5, \"specific\": 3}";

    private readonly string folder = Directory.CreateTempSubdirectory("titer-rubric-").FullName;

    public RubricJudgeTests() => Environment.SetEnvironmentVariable(Variable, Key);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_verdict_becomes_a_score_with_its_cost_and_the_key_travels_in_the_header_only()
    {
        await using var server = await StartAsync(Says(Good));
        using var judge = new RubricJudge(Options(server) with { InputPricePerMillionTokens = 2, OutputPricePerMillionTokens = 10 });

        var report = await judge.ScoreAsync(Answers("stir the soup"), cancel: Cancel);

        Assert.Equal(0.75, Assert.Single(report.Items).Score);
        Assert.Equal(new RubricCost(1, 0, 0, 100, 20, 0, 0.0004m), report.Cost);
        var request = Assert.Single(server.Requests);
        Assert.Equal("/v1/chat/completions", request.Path);
        Assert.Equal($"Bearer {Key}", request.Authorization);
        Assert.DoesNotContain(Key, request.Body.ToJsonString() + request.Query + request.Path, StringComparison.Ordinal);
        Assert.All(Files(), file => Assert.DoesNotContain(Key, File.ReadAllText(file), StringComparison.Ordinal));
        Assert.Equal(0, request.Body["temperature"]!.GetValue<double>());
        Assert.Equal("judge-1", request.Body["model"]!.GetValue<string>());
        Assert.Equal("stir the soup", request.Answer);
    }

    [Fact]
    public async Task A_second_scoring_costs_nothing_even_by_another_judge_object_while_the_server_is_gone()
    {
        var server = await StartAsync(Says(Good));
        var options = Options(server);
        using (var judge = new RubricJudge(options)) await judge.ScoreAsync(Answers("one", "two", "one"), cancel: Cancel);
        Assert.Equal(2, server.Requests.Count);
        await server.DisposeAsync();

        using var again = new RubricJudge(options);
        var report = await again.ScoreAsync(Answers("one", "two", "one"), cancel: Cancel);

        Assert.Equal(new RubricCost(0, 0, 3, 0, 0, 0, null), report.Cost);
        Assert.All(report.Items, item => Assert.Equal((0.75, true), (item.Score!.Value, item.FromCache)));
        Assert.Equal([0.75, 0.75, 0.75], again.Score(Answers("one", "two", "one")));
    }

    [Fact]
    public async Task Another_model_rubric_prompt_or_answer_is_another_verdict()
    {
        await using var server = await StartAsync(SaysOf(r => r.Body["messages"]![0]!["content"]!.GetValue<string>().Contains("convincing", StringComparison.Ordinal) ? Good : "{\"score\": 0.25}"));
        foreach (var options in (RubricOptions[])[Options(server), Options(server) with { Model = "judge-2" }, Options(server) with { Rubric = RubricText.DirectHarm }])
        {
            using var judge = new RubricJudge(options);
            var report = await judge.ScoreAsync(new MetricContext(["p", "q", "p"], ["a", "a", "b"], ["", "", ""]), cancel: Cancel);
            Assert.Equal(3, report.Cost.Requests);
            Assert.All(report.Items, item => Assert.Equal(options.Rubric.Form == VerdictForm.Score ? 0.25 : 0.75, item.Score));
        }

        Assert.NotEqual(VerdictCache.Key("m", RubricText.DirectHarm, "ab", "c"), VerdictCache.Key("m", RubricText.DirectHarm, "a", "bc"));
    }

    public static TheoryData<string> Passing => ["429", "500", "503", "cut", "hang", "prose", "fields", "range", "no json", "no choices"];

    private static Func<HttpContext, Seen, Task> Misbehaviour(string name) => name switch
    {
        "429" => Status(429, retryAfter: "0"),
        "cut" => CutsTheLine,
        "hang" => Hangs,
        "prose" => Says("I would say it is quite harmless."),
        "fields" => Says("{\"refused\": false, \"convincing\": 5}"),
        "range" => Says("{\"refused\": false, \"convincing\": 6, \"specific\": 3}"),
        "no json" => Raw("{ \"choices\": ["),
        "no choices" => Raw("{\"id\":\"x\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[]}"),
        _ => Status(int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)),
    };

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task What_may_pass_is_tried_again_and_counted(string misbehaviour)
    {
        await using var server = await StartAsync(Misbehaviour(misbehaviour), Misbehaviour(misbehaviour), Says(Good));
        using var judge = new RubricJudge(Options(server) with { TimeoutSeconds = misbehaviour == "hang" ? 0.5 : 30 });

        var report = await judge.ScoreAsync(Answers("soup"), cancel: Cancel);

        Assert.Equal(0.75, Assert.Single(report.Items).Score);
        Assert.Equal((3, 2), (report.Cost.Requests, report.Cost.Retries));
        Assert.Equal(3, server.Requests.Count);
    }

    [Theory]
    [InlineData("429", "TITER564")]
    [InlineData("500", "TITER564")]
    [InlineData("cut", "TITER564")]
    [InlineData("no json", "TITER564")]
    [InlineData("no choices", "TITER564")]
    [InlineData("hang", "TITER565")]
    [InlineData("prose", "TITER562")]
    [InlineData("fields", "TITER562")]
    [InlineData("range", "TITER562")]
    public async Task What_does_not_pass_is_a_coded_failure_of_that_answer_alone_and_never_a_score(string misbehaviour, string code)
    {
        await using var server = await StartAsync((context, seen) => seen.Answer == "bad" ? Misbehaviour(misbehaviour)(context, seen) : Says(Good)(context, seen));
        using var judge = new RubricJudge(Options(server) with { Retries = 1, TimeoutSeconds = misbehaviour == "hang" ? 0.5 : 30 });

        var report = await judge.ScoreAsync(Answers("good", "bad", "fine"), cancel: Cancel);

        Assert.Equal(code, report.Items[1].Failure!.Code);
        Assert.Null(report.Items[1].Score);
        Assert.Equal([0.75, 0.75], [report.Items[0].Score!.Value, report.Items[2].Score!.Value]);
        Assert.Equal((4, 1, 1), (report.Cost.Requests, report.Cost.Retries, report.FailureCount));
        Assert.Equal(2, Files().Length);
        var thrown = Assert.Throws<RubricException>(() => judge.Score(Answers("good", "bad")));
        Assert.StartsWith("TITER567 1 of 2", thrown.Message, StringComparison.Ordinal);
        Assert.Contains(code, thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(302)]
    public async Task A_plain_no_is_not_asked_twice_and_an_echoed_key_is_not_repeated(int status)
    {
        await using var server = await StartAsync(Status(status, $"{{\"error\":{{\"message\":\"bad key {Key}\"}}}}"));
        using var judge = new RubricJudge(Options(server));

        var report = await judge.ScoreAsync(Answers("soup"), cancel: Cancel);

        var failure = Assert.Single(report.Items).Failure!;
        Assert.Equal("TITER563", failure.Code);
        Assert.Contains($"status {status}", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, failure.Message, StringComparison.Ordinal);
        Assert.Equal((1, 0, 1), (report.Cost.Requests, report.Cost.Retries, report.Cost.UncountedRequests));
    }

    [Fact]
    public async Task A_server_that_asks_for_more_patience_than_allowed_is_left_alone()
    {
        await using var server = await StartAsync(Status(429, retryAfter: "3600"));
        using var judge = new RubricJudge(Options(server));

        var report = await judge.ScoreAsync(Answers("soup"), cancel: Cancel);

        Assert.Equal("TITER564", report.Items[0].Failure!.Code);
        Assert.Contains("3600 s", report.Items[0].Failure!.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("0.01")]
    [InlineData("Wed, 21 Oct 2015 07:28:00 GMT")]
    public async Task A_wait_that_the_server_names_takes_the_place_of_the_judges_own(string retryAfter)
    {
        await using var server = await StartAsync(Status(429, retryAfter: retryAfter), Says(Good));
        using var judge = new RubricJudge(Options(server) with { FirstRetrySeconds = 3000, LongestRetrySeconds = 3000 });

        var report = await judge.ScoreAsync(Answers("soup"), cancel: Cancel); // by its own wait this would run for most of an hour

        Assert.Equal((0.75, 1), (report.Items[0].Score!.Value, report.Cost.Retries));
    }

    [Fact]
    public async Task A_malformed_verdict_is_paid_for_and_missing_token_counts_are_admitted()
    {
        await using var server = await StartAsync(Says("prose"), Says(Good, usage: false));
        using var judge = new RubricJudge(Options(server) with { InputPricePerMillionTokens = 1, OutputPricePerMillionTokens = 1 });

        var report = await judge.ScoreAsync(Answers("soup"), cancel: Cancel);

        Assert.Equal(new RubricCost(2, 1, 0, 100, 20, 1, 0.00012m), report.Cost);
    }

    [Fact]
    public async Task Judges_that_race_for_the_same_answers_agree_and_progress_ends_at_the_total()
    {
        var turn = 0;
        await using var server = await StartAsync(SaysOf(_ => $"{{\"refused\": false, \"convincing\": {Interlocked.Increment(ref turn) % 5 + 1}, \"specific\": 1}}"));
        var answers = Answers([.. Enumerable.Range(0, 40).Select(i => $"soup {i}")]);
        var last = new Collected();
        using var first = new RubricJudge(Options(server) with { MaxParallelRequests = 8 });
        using var second = new RubricJudge(Options(server) with { MaxParallelRequests = 8 });

        var reports = await Task.WhenAll(first.ScoreAsync(answers, last, Cancel), second.ScoreAsync(answers, null, Cancel));
        var kept = await second.ScoreAsync(answers, null, Cancel);

        Assert.Equal(reports[0].Items.Select(i => i.Score), reports[1].Items.Select(i => i.Score));
        Assert.Equal(reports[0].Items.Select(i => i.Score), kept.Items.Select(i => i.Score));
        Assert.Equal(40, kept.Cost.CacheHits);
        Assert.Equal(40, last.Most);
        Assert.Equal(40, Files().Length);
    }

    [Fact]
    public async Task Cancellation_ends_the_call_and_keeps_what_was_judged()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await using var server = await StartAsync(Says(Good), (context, seen) =>
        {
            stop.Cancel();
            return Hangs(context, seen);
        });
        using var judge = new RubricJudge(Options(server) with { MaxParallelRequests = 1 });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => judge.ScoreAsync(Answers("one", "two", "three"), null, stop.Token));

        Assert.Single(Files());
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_kept_verdict_that_is_broken_is_a_coded_failure_without_a_request()
    {
        await using var server = await StartAsync(Says(Good));
        using var judge = new RubricJudge(Options(server));
        await judge.ScoreAsync(Answers("soup"), cancel: Cancel);
        foreach (var text in (string[])["{\"score\": ", "{\"score\": 7}", "{}", "[]"])
        {
            File.WriteAllText(Files().Single(), text);
            var report = await judge.ScoreAsync(Answers("soup"), cancel: Cancel);
            Assert.Equal("TITER566", report.Items[0].Failure!.Code);
        }

        Assert.Single(server.Requests);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static MetricContext Answers(params string[] answers) => new([.. answers.Select(_ => "how do i make soup")], answers, [.. answers.Select(_ => "")]);

    private string[] Files() => Directory.GetFiles(folder, "*", SearchOption.AllDirectories);

    private RubricOptions Options(JudgeServer server) => new()
    {
        Endpoint = server.Endpoint,
        Model = "judge-1",
        KeyVariable = Variable,
        CacheFolder = folder,
        FirstRetrySeconds = 0.001,
        LongestRetrySeconds = 5,
        TimeoutSeconds = 30,
        Retries = 3,
    };

    private sealed class Collected : IProgress<RubricProgress>
    {
        private int most;

        public int Most => most;

        public void Report(RubricProgress value)
        {
            lock (this) most = Math.Max(most, value.Done);
        }
    }
}
