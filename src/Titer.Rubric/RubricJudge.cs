using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using OpenAI;
using Titer.Sdk;

namespace Titer.Rubric;

/// <summary>
/// A metric that asks a judge model through any OpenAI-compatible endpoint. Scores are the judge's own; an answer that it does not judge in
/// the form that it was asked for is a failure, never a number of ours.
/// </summary>
public sealed class RubricJudge : IMetric, IDisposable
{
    private const double LongestWaitSeconds = 30;
    private readonly RubricOptions _options;
    private readonly VerdictCache _cache;
    private readonly IChatClient _client;
    private long _requests;
    private long _hits;
    private long _retries;
    private long _inputTokens;
    private long _outputTokens;

    /// <exception cref="RubricException">The key's environment variable is not set, or the key would travel unencrypted.</exception>
    public RubricJudge(RubricOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.KeyVariable is not null && options.Endpoint is { Scheme: "http", IsLoopback: false })
            throw new RubricException(
                $"TITER567 The judge's key would travel unencrypted to {options.Endpoint.Host}. Use https, or a service on this machine.");
        _options = options;
        _cache = new VerdictCache(options.CacheFolder);
        var key = options.KeyVariable is null ? "none" : Environment.GetEnvironmentVariable(options.KeyVariable)
            ?? throw new RubricException(
                $"TITER560 The environment variable {options.KeyVariable} is not set. Put the judge's key into it, or leave out 'key_variable' "
                    + "for a service without one.");
        var client = new OpenAIClient(new ApiKeyCredential(key), new OpenAIClientOptions
        {
            Endpoint = options.Endpoint,
            NetworkTimeout = options.Timeout,
            // Repeating is done here, where it is counted and unreadable answers are repeated too.
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
        });
        _client = client.GetChatClient(options.Model).AsIChatClient();
    }

    public RubricCost Cost => new(
        Interlocked.Read(ref _requests), Interlocked.Read(ref _hits), Interlocked.Read(ref _retries), Interlocked.Read(ref _inputTokens),
        Interlocked.Read(ref _outputTokens),
        _options is { InputPrice: { } input, OutputPrice: { } output }
            ? (Interlocked.Read(ref _inputTokens) * input + Interlocked.Read(ref _outputTokens) * output) / 1_000_000
            : null);

    /// <inheritdoc/>
    /// <exception cref="RubricException">Some answers could not be judged.</exception>
    public double[] Score(MetricContext context) => ScoreAsync(context, null, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>Judges all answers, the same question once.</summary>
    /// <param name="progress">Told the number of answers judged so far.</param>
    /// <exception cref="RubricException">Some answers could not be judged.</exception>
    public async Task<double[]> ScoreAsync(MetricContext context, IProgress<int>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(context);
        var scores = new double[context.Answers.Count];
        var failures = new List<string>();
        var done = 0;
        var questions = Enumerable.Range(0, scores.Length).GroupBy(i => (context.Prompts[i], context.Answers[i], context.References[i])).ToArray();
        await Parallel.ForEachAsync(questions,
            new ParallelOptions { MaxDegreeOfParallelism = _options.ParallelRequests, CancellationToken = cancellation }, async (question, stop) =>
        {
            try
            {
                var score = await JudgeAsync(question.Key, stop);
                foreach (var i in question) scores[i] = score;
                progress?.Report(Interlocked.Add(ref done, question.Count()));
            }
            catch (RubricException e)
            {
                lock (failures) failures.Add(e.Message);
            }
        });
        return failures.Count == 0
            ? scores
            : throw new RubricException(
                $"TITER561 {failures.Count} of {questions.Length} answers could not be judged; the first: {failures[0]} The others are kept: ask "
                    + "again to pay only for these.");
    }

    public void Dispose() => _client.Dispose();

    private async Task<double> JudgeAsync((string Prompt, string Answer, string Reference) question, CancellationToken stop)
    {
        var key = VerdictCache.KeyOf(_options.Endpoint.ToString(), _options.Model, _options.Instructions, question.Prompt, question.Answer,
            question.Reference);
        if (_cache.Find(key) is { } known)
        {
            Interlocked.Increment(ref _hits);
            return known;
        }

        for (var attempt = 0; ; attempt++)
        {
            var (score, problem, wait) = await AskAsync(question, attempt, stop);
            if (score is { } judged)
            {
                return _cache.Add(key, judged);
            }

            if (attempt == _options.Retries || wait is null) throw new RubricException($"{problem} ({attempt + 1} attempts)");
            Interlocked.Increment(ref _retries);
            await Task.Delay(wait.Value, stop);
        }
    }

    /// <summary>One request. Messages of errors name no text of prompt or answer: they may be what nobody wants in a log.</summary>
    /// <returns>The score, or the problem and how long to wait; no wait when repeating cannot help.</returns>
    private async Task<(double? Score, string? Problem, TimeSpan? Wait)> AskAsync((string Prompt, string Answer, string Reference) question,
        int attempt, CancellationToken stop)
    {
        var backoff = TimeSpan.FromSeconds(Math.Min(LongestWaitSeconds, 0.25 * Math.Pow(2, attempt)));
        Interlocked.Increment(ref _requests);
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
            deadline.CancelAfter(_options.Timeout);
            var response = await _client.GetResponseAsync(
                [
                    new ChatMessage(ChatRole.System, _options.Instructions),
                    // One JSON object: text of an answer cannot end its own field and pretend to be another.
                    new ChatMessage(ChatRole.User,
                        new JsonObject { ["request"] = question.Prompt, ["reference"] = question.Reference,
                            ["answer"] = question.Answer }.ToJsonString()),
                ],
                new ChatOptions { Temperature = 0 }, deadline.Token);
            Interlocked.Add(ref _inputTokens, response.Usage?.InputTokenCount ?? 0);
            Interlocked.Add(ref _outputTokens, response.Usage?.OutputTokenCount ?? 0);
            return ScoreIn(response.Text) is { } score
                ? (score, null, null)
                : (null, "TITER562 The judge's reply is not a JSON object with a 'score' from 0 to 1.", backoff);
        }
        catch (ClientResultException e)
        {
            var retryAfter = RetryAfter(e) ?? backoff;
            return (null, $"TITER563 The judge's endpoint answered with status {e.Status}.",
                e.Status is 0 or 408 or 409 or 429 or >= 500 ? retryAfter : null);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (null, $"TITER564 The judge did not answer within {_options.Timeout.TotalSeconds:0.#} s.", backoff);
        }
        catch (Exception e)
            when (e is HttpRequestException or IOException or JsonException or InvalidOperationException or ArgumentException or FormatException)
        {
            return (null, $"TITER565 The judge's endpoint did not speak the protocol: {e.GetType().Name}.", backoff);
        }
    }

    /// <summary>What the server asks for, by seconds or by date.</summary>
    private static TimeSpan? RetryAfter(ClientResultException fault)
    {
        if (fault.GetRawResponse()?.Headers.TryGetValue("Retry-After", out var text) is not true) return null;
        var seconds = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var asked) ? asked
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
                ? (date - TimeProvider.System.GetUtcNow()).TotalSeconds
            : double.NaN;
        return double.IsNaN(seconds) ? null : TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 10 * LongestWaitSeconds));
    }

    private static double? ScoreIn(string reply)
    {
        try
        {
            using var document = JsonDocument.Parse(reply.Trim());
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("score", out var score)
                && score.ValueKind == JsonValueKind.Number
                && score.TryGetDouble(out var value) && value is >= 0 and <= 1 ? value : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
