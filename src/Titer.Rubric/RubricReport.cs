namespace Titer.Rubric;

/// <summary>Why an answer has no score. Nothing is ever made up in its place.</summary>
public sealed record RubricFailure(string Code, string Message);

/// <summary>A score in [0, 1], or why there is none.</summary>
public sealed record RubricItem(double? Score, RubricFailure? Failure, bool FromCache);

/// <param name="Requests">All that were sent, retries included.</param>
/// <param name="Retries">Those sent because an earlier one failed.</param>
/// <param name="CacheHits">Answers scored without a request: kept verdicts, and repetitions within one call.</param>
/// <param name="UncountedRequests">Requests whose tokens the server did not report (failed ones above all): money is a lower bound when there are any.</param>
/// <param name="Money">Null unless both prices are given.</param>
public sealed record RubricCost(int Requests, int Retries, int CacheHits, long InputTokens, long OutputTokens, int UncountedRequests, decimal? Money);

public sealed record RubricProgress(int Done, int Total, RubricCost Cost);

/// <summary>Items in the order of the answers; the cost of this call alone.</summary>
public sealed record RubricReport(IReadOnlyList<RubricItem> Items, RubricCost Cost)
{
    public int FailureCount => Items.Count(i => i.Failure is not null);
}
