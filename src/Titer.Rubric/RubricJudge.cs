using System.ClientModel;
using Polly.Timeout;
using Titer.Sdk;

namespace Titer.Rubric;

/// <summary>
/// Scores answers by a written rubric through a judge model. Costs money: every verdict is kept, and one that is kept is never asked for again. An answer that no verdict could be had for
/// has no score but a coded failure.
/// </summary>
public sealed class RubricJudge : IMetric, IDisposable
{
    private const int LongestDetail = 200;

    private readonly RubricOptions options;
    private readonly VerdictCache cache;
    private readonly JudgeClient client;
    private readonly string? key;

    /// <summary>Reads the key from its environment variable; sends nothing yet.</summary>
    public RubricJudge(RubricOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        this.options = options;
        key = Key(options.KeyVariable);
        cache = new VerdictCache(options.CacheFolder);
        client = new JudgeClient(options, key);
    }

    /// <summary>All scores, or <c>TITER567</c> when one is missing; what was scored is kept, so a second call asks only for the rest.</summary>
    public double[] Score(MetricContext context)
    {
        var report = Task.Run(() => ScoreAsync(context)).GetAwaiter().GetResult();
        return report.Items.FirstOrDefault(i => i.Failure is not null) is { Failure: { } first }
            ? throw new RubricException("TITER567", $"{report.FailureCount} of {report.Items.Count} answers have no score, the first because of {first.Code} {first.Message} "
                + "Score again: verdicts that came are kept.")
            : [.. report.Items.Select(i => i.Score!.Value)];
    }

    /// <summary>A score or a failure for every answer. Progress is reported from any thread, after every different answer.</summary>
    public async Task<RubricReport> ScoreAsync(MetricContext context, IProgress<RubricProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var cost = new CostMeter(options);
        var items = new RubricItem[context.Answers.Count];
        var done = 0;
        var same = Enumerable.Range(0, items.Length).GroupBy(i => VerdictCache.Key(options.Model, options.Rubric, context.Prompts[i], context.Answers[i]));
        await Parallel.ForEachAsync(same, new ParallelOptions { MaxDegreeOfParallelism = options.MaxParallelRequests, CancellationToken = cancel }, async (group, stop) =>
        {
            var indexes = group.ToArray();
            var item = await ItemAsync(group.Key, context.Prompts[indexes[0]], context.Answers[indexes[0]], cost, stop);
            if (item.Score is not null) cost.Hit(item.FromCache ? indexes.Length : indexes.Length - 1);
            for (var i = 0; i < indexes.Length; i++) items[indexes[i]] = i == 0 || item.Score is null ? item : item with { FromCache = true };
            progress?.Report(new(Interlocked.Add(ref done, indexes.Length), items.Length, cost.Read()));
        });
        return new(items, cost.Read());
    }

    public void Dispose() => client.Dispose();

    private async Task<RubricItem> ItemAsync(string cacheKey, string prompt, string answer, CostMeter cost, CancellationToken cancel)
    {
        try
        {
            if (cache.Find(cacheKey) is { } kept) return new(kept, null, true);
            var (score, reply) = await client.AskAsync(prompt, answer, cost, cancel);
            return new(cache.Keep(cacheKey, score, options.Model, options.Rubric.Id, reply), null, false);
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested)
        {
            return new(null, Failure(fault), false); // one answer's misfortune is not the others'
        }
    }

    private RubricFailure Failure(Exception fault) => fault switch
    {
        RubricException coded => new(coded.Code, coded.Message[(coded.Code.Length + 1)..]),
        MalformedVerdictException => new("TITER562", $"The judge gave no valid verdict in {Tries}: {Detail(fault)}. Use a model that follows the rubric's form."),
        TimeoutRejectedException => new("TITER565", $"The judge did not answer within {options.TimeoutSeconds} s in {Tries}. Give it more time, or ask fewer at once."),
        ClientResultException { Status: 429 or 503 } when JudgeClient.RetryAfter(fault) is { } wait && wait > TimeSpan.FromSeconds(options.LongestRetrySeconds) =>
            new("TITER564", $"The endpoint asks to wait {Math.Ceiling(wait.TotalSeconds)} s, longer than the {options.LongestRetrySeconds} s allowed. Score again later."),
        ClientResultException { Status: >= 300 and < 500 and not (408 or 409 or 425 or 429) and var status } =>
            new("TITER563", $"The endpoint refuses with status {status}: {Detail(fault)}. Check address, model and key."),
        _ => new("TITER564", $"The endpoint failed in {Tries}: {Detail(fault)}. Score again later."),
    };

    private string Tries => options.Retries == 0 ? "one try" : $"{options.Retries + 1} tries";

    /// <summary>One short line; a server may echo what it was sent, the key included.</summary>
    private string Detail(Exception fault)
    {
        var text = fault.GetBaseException().Message;
        if (key is not null) text = text.Replace(key, "***", StringComparison.Ordinal);
        text = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
        return text.Length <= LongestDetail ? text : text[..LongestDetail] + "...";
    }

    private static string? Key(string? variable)
    {
        if (variable is null) return null;
        return Environment.GetEnvironmentVariable(variable)?.Trim() is { Length: > 0 } value
            ? value
            : throw new RubricException("TITER561", $"The environment variable '{variable}' with the judge's key is not set. Set it, or name another.");
    }
}
