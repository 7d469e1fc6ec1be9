using Microsoft.Extensions.AI;

namespace Titer.Rubric;

/// <summary>Counts what one call costs, from many threads.</summary>
internal sealed class CostMeter(RubricOptions options)
{
    private readonly Lock gate = new();
    private int requests, retries, cacheHits, counted;
    private long inputTokens, outputTokens;

    public void Requested(bool isRetry)
    {
        lock (gate) (requests, retries) = (requests + 1, retries + (isRetry ? 1 : 0));
    }

    public void Hit(int count)
    {
        lock (gate) cacheHits += count;
    }

    /// <summary>Also for verdicts that turn out malformed: they are paid for.</summary>
    public void Answered(UsageDetails? usage)
    {
        if (usage is not { InputTokenCount: { } input, OutputTokenCount: { } output }) return;
        lock (gate) (counted, inputTokens, outputTokens) = (counted + 1, inputTokens + input, outputTokens + output);
    }

    public RubricCost Read()
    {
        lock (gate) return new(requests, retries, cacheHits, inputTokens, outputTokens, requests - counted, Money());
    }

    private decimal? Money() => options is { InputPricePerMillionTokens: { } input, OutputPricePerMillionTokens: { } output }
        ? (inputTokens * input + outputTokens * output) / 1_000_000
        : null;
}
