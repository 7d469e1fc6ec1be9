namespace Titer.Scenarios.Metrics.Models;

public sealed record PerplexityOptions
{
    /// <summary>Longest sequence shown at once; never more than the model's own limit.</summary>
    public int WindowTokens { get; init; } = 512;

    /// <summary>New tokens that every window after the first scores; the rest of it is context.</summary>
    public int StrideTokens { get; init; } = 256;
}

/// <summary>
/// exp of the mean nats per token of plain text: 1 and above. Text longer than the window is read by windows that overlap: every token after the first is scored once, with at least
/// window - stride tokens before it (where the text has them).
/// </summary>
public sealed class Perplexity : IModelMetric<string>
{
    private readonly PerplexityOptions options;

    public Perplexity(PerplexityOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.WindowTokens < 2 || options.StrideTokens < 1 || options.StrideTokens >= options.WindowTokens)
            throw new ArgumentOutOfRangeException(nameof(options), options, "The window needs 2 tokens or more, the stride 1 to the window less 1.");
        this.options = options;
    }

    public double[] Score(ModelMetricContext context, IReadOnlyList<string> examples) => [.. examples.Select((text, i) => Score(context, text, i))];

    private double Score(ModelMetricContext context, string text, int index)
    {
        var tokens = context.TextTokens(text);
        if (tokens.Length < 2) throw new ScenarioException($"TITER554 Text {index} (counted from 0) has no token that could be scored. Give it text, or leave it out.");
        return Math.Exp(Nats(context, tokens).Average());
    }

    private IEnumerable<double> Nats(ModelMetricContext context, int[] tokens)
    {
        var window = Math.Min(options.WindowTokens, context.Model.Shape.MaxLength);
        var stride = Math.Min(options.StrideTokens, window - 1);
        for (var scored = 1; scored < tokens.Length;)
        {
            var end = Math.Min(scored == 1 ? window : scored + stride, tokens.Length);
            var nats = context.Nats(tokens[Math.Max(0, end - window)..end]);
            foreach (var value in nats[^(end - scored)..]) yield return value;
            scored = end;
        }
    }
}
