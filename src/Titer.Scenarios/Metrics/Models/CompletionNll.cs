using Titer.Scenarios.Data;

namespace Titer.Scenarios.Metrics.Models;

/// <summary>Mean nats per token of the reference answer, given its prompt: 0 and above, lower when the model knows it. Sees knowledge that a refusal hides.</summary>
public sealed class CompletionNll : IModelMetric<ChatExample>
{
    public double[] Score(ModelMetricContext context, IReadOnlyList<ChatExample> examples) =>
        [.. examples.Select(e => context.AnswerNats(e.Id, e.Prompt, e.Answer).Average())];
}
