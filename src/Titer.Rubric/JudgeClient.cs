using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using OpenAI;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Titer.Rubric;

/// <summary>Asks the endpoint for one verdict, again and again while that may help.</summary>
internal sealed class JudgeClient : IDisposable
{
    private static readonly ResiliencePropertyKey<int> Attempt = new("attempt");

    private readonly RubricOptions options;
    private readonly HttpClient http;
    private readonly IChatClient chat;
    private readonly ResiliencePipeline pipeline;

    public JudgeClient(RubricOptions options, string? key)
    {
        this.options = options;
        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
        chat = new OpenAIClient(new ApiKeyCredential(key ?? "none"), new OpenAIClientOptions
        {
            Endpoint = options.Endpoint,
            Transport = new HttpClientPipelineTransport(http),
            RetryPolicy = new ClientRetryPolicy(0), // retries are counted here
            NetworkTimeout = System.Threading.Timeout.InfiniteTimeSpan, // and timed here
        }).GetChatClient(options.Model).AsIChatClient();
        pipeline = Pipeline();
    }

    /// <summary>A score with the reply that it was read from. Throws what the last try threw.</summary>
    public async Task<(double Score, string Reply)> AskAsync(string prompt, string answer, CostMeter cost, CancellationToken cancel)
    {
        var context = ResilienceContextPool.Shared.Get(cancel);
        context.Properties.Set(Attempt, 0);
        try
        {
            return await pipeline.ExecuteAsync(async c => await AskOnceAsync(prompt, answer, cost, c), context);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>What the server asks for, by seconds or by date.</summary>
    internal static TimeSpan? RetryAfter(Exception? fault)
    {
        if (fault is not ClientResultException refusal || refusal.GetRawResponse()?.Headers.TryGetValue("Retry-After", out var text) is not true || text is null) return null;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)) return TimeSpan.FromSeconds(Math.Min(seconds, 1e8));
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? TimeSpan.FromTicks(Math.Max(0, (date - TimeProvider.System.GetUtcNow()).Ticks))
            : null;
    }

    public void Dispose()
    {
        chat.Dispose();
        http.Dispose();
    }

    private async Task<(double Score, string Reply)> AskOnceAsync(string prompt, string answer, CostMeter cost, ResilienceContext context)
    {
        var attempt = context.Properties.GetValue(Attempt, 0);
        context.Properties.Set(Attempt, attempt + 1);
        cost.Requested(isRetry: attempt > 0);
        ChatMessage[] messages =
        [
            new(ChatRole.System, options.Rubric.Text),
            new(ChatRole.User, new JsonObject { ["request"] = prompt, ["answer"] = answer }.ToJsonString()),
        ];
        var response = await chat.GetResponseAsync(
            messages, new ChatOptions { Temperature = 0, MaxOutputTokens = options.MaxOutputTokens, ResponseFormat = ChatResponseFormat.Json }, context.CancellationToken);
        cost.Answered(response.Usage);
        return (Verdict.Score(response.Text, options.Rubric.Form), response.Text);
    }

    private ResiliencePipeline Pipeline()
    {
        var builder = new ResiliencePipelineBuilder();
        if (options.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromSeconds(options.FirstRetrySeconds),
                MaxDelay = TimeSpan.FromSeconds(options.LongestRetrySeconds),
                ShouldHandle = arguments => ValueTask.FromResult(MayPass(arguments.Outcome.Exception)),
                DelayGenerator = arguments => ValueTask.FromResult(RetryAfter(arguments.Outcome.Exception)),
            });
        }

        return builder.AddTimeout(TimeSpan.FromSeconds(options.TimeoutSeconds)).Build();
    }

    /// <summary>All but success, cancellation, a plain "no", and a server that wants to be left alone for longer than we wait.</summary>
    private bool MayPass(Exception? fault) => fault switch
    {
        null or OperationCanceledException => false,
        ClientResultException { Status: >= 300 and < 500 and not (408 or 409 or 425 or 429) } => false,
        _ => !(RetryAfter(fault) > TimeSpan.FromSeconds(options.LongestRetrySeconds)),
    };
}
