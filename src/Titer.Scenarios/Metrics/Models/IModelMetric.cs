using Titer.Models.Generation;
using Titer.Scenarios.Data;
using Titer.Sdk.Data;
using Titer.Sdk.Models;

namespace Titer.Scenarios.Metrics.Models;

/// <summary>Scores what a model finds likely. The host's own: plugins are given text only.</summary>
public interface IModelMetric<in TExample>
{
    /// <summary>One score per example, in order; its range is in <see cref="MetricCatalog"/>'s description.</summary>
    double[] Score(ModelMetricContext context, IReadOnlyList<TExample> examples);
}

/// <summary>The model and how text becomes its tokens. Nothing here trains, samples or is charged to a budget.</summary>
public sealed record ModelMetricContext(CausalLanguageModel Model, ChatFormat Format)
{
    /// <summary>Nats per token of an answer, given its prompt. The end-of-answer token is not counted: whether a model stops is no part of what it knows.</summary>
    internal double[] AnswerNats(string id, string prompt, string answer)
    {
        var example = Format.Chat(id, "", prompt, answer);
        var tokens = WithoutEnd(example);
        if (tokens.Length <= example.PromptLength)
            throw new ScenarioException($"TITER554 Example '{id}' has an answer without tokens. Give it text, or leave it out.");
        if (tokens.Length > Model.Shape.MaxLength)
            throw new ScenarioException($"TITER555 Example '{id}' has {tokens.Length} tokens; the model takes {Model.Shape.MaxLength}. Shorten it, or leave it out.");
        return Nats(tokens)[(example.PromptLength - 1)..];
    }

    /// <summary>Plain text, begin token included where the model has one.</summary>
    internal int[] TextTokens(string text) => WithoutEnd(Format.Text("", text));

    /// <summary>Nats of every token after the first.</summary>
    internal double[] Nats(int[] tokens) => [.. LogLikelihood.PerToken(Model, tokens).Select(log => -(double)log)];

    private int[] WithoutEnd(TokenizedExample example)
    {
        int[] tokens = [.. example.Tokens];
        return tokens is [.., var last] && last == Format.Control.End ? tokens[..^1] : tokens;
    }
}
