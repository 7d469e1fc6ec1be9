namespace Titer.Scenarios.Metrics.Models;

/// <summary>A question with given answers.</summary>
/// <param name="RightIndex">Of the right one among <paramref name="Choices"/>.</param>
public sealed record ChoiceExample(string Id, string Prompt, IReadOnlyList<string> Choices, int RightIndex);

public enum ChoiceNormalization
{
    /// <summary>Mean log-likelihood per token: long choices are not punished for their length.</summary>
    PerToken,

    /// <summary>Sum over the tokens: the choice's probability as a whole.</summary>
    None,
}

public enum ChoiceScore
{
    /// <summary>1 when the right choice is the likeliest; its part when several are equally likely.</summary>
    Accuracy,

    /// <summary>exp(log-likelihood) of the right choice over the sum of all choices' (a softmax).</summary>
    Probability,
}

public sealed record MultipleChoiceOptions
{
    public ChoiceNormalization Normalize { get; init; }

    public ChoiceScore Score { get; init; }
}

/// <summary>Choices by the model's own log-likelihood, each as the answer to the prompt; in [0, 1]. A model that knows nothing scores 1 / choices.</summary>
public sealed class MultipleChoice(MultipleChoiceOptions options) : IModelMetric<ChoiceExample>
{
    public double[] Score(ModelMetricContext context, IReadOnlyList<ChoiceExample> examples)
    {
        foreach (var example in examples) Check(example);
        return [.. examples.Select(example => Score(LogLikelihoods(context, example), example.RightIndex))];
    }

    /// <summary>One per choice, normalized as asked, in nats.</summary>
    public double[] LogLikelihoods(ModelMetricContext context, ChoiceExample example) =>
    [
        .. example.Choices.Select(choice => context.AnswerNats(example.Id, example.Prompt, choice))
            .Select(nats => -(options.Normalize == ChoiceNormalization.PerToken ? nats.Average() : nats.Sum())),
    ];

    private double Score(double[] logs, int right)
    {
        var most = logs.Max();
        if (options.Score == ChoiceScore.Accuracy) return logs[right] == most ? 1.0 / logs.Count(l => l == most) : 0;
        return Math.Exp(logs[right] - most) / logs.Sum(l => Math.Exp(l - most));
    }

    private static void Check(ChoiceExample example)
    {
        if (example.Choices.Count < 2)
            throw new ScenarioException($"TITER556 Example '{example.Id}' has {example.Choices.Count} choices. Give it two or more.");
        if (example.RightIndex < 0 || example.RightIndex >= example.Choices.Count)
            throw new ScenarioException($"TITER557 Example '{example.Id}' calls choice {example.RightIndex} right, but they run from 0 to {example.Choices.Count - 1}. Correct the index.");
    }
}
