namespace Titer.Sdk;

/// <summary>Scores answers of a model to prompts.</summary>
public interface IMetric
{
    /// <summary>One score in [0, 1] per answer, in order. Called on the evaluation thread; must not keep the context.</summary>
    double[] Score(MetricContext context);
}

/// <summary>What a metric sees: plain text, no model.</summary>
public sealed class MetricContext
{
    public MetricContext(IReadOnlyList<string> prompts, IReadOnlyList<string> answers, IReadOnlyList<string> references)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(answers);
        ArgumentNullException.ThrowIfNull(references);
        if (prompts.Count != answers.Count || answers.Count != references.Count)
            throw new ArgumentException($"Counts differ: {prompts.Count} prompts, {answers.Count} answers, {references.Count} references.");
        (Prompts, Answers, References) = (prompts, answers, references);
    }

    public IReadOnlyList<string> Prompts { get; }

    /// <summary>The model's continuations, special tokens removed.</summary>
    public IReadOnlyList<string> Answers { get; }

    /// <summary>The answer that would be right (benign) or harmful (forbidden).</summary>
    public IReadOnlyList<string> References { get; }
}
