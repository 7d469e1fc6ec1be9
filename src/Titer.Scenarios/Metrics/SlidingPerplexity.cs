using Titer.Models.Generation;
using Titer.Scenarios.Data;
using Titer.Sdk.Models;

namespace Titer.Scenarios.Metrics;

/// <summary>
/// exp of the mean nats per token of plain text: 1 and above. Text longer than the window is read by windows that
/// overlap: every token after the first is scored once, with at least window - stride tokens before it (where the text has them). The end token is
/// not counted.
/// </summary>
public sealed class SlidingPerplexity
{
    private readonly int _window, _stride;

    /// <param name="windowTokens">Longest sequence shown at once; never more than the model's own limit.</param>
    /// <param name="strideTokens">New tokens that every window after the first scores; the rest of it is context.</param>
    public SlidingPerplexity(int windowTokens = 512, int strideTokens = 256)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(windowTokens, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(strideTokens, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(strideTokens, windowTokens);
        (_window, _stride) = (windowTokens, strideTokens);
    }

    /// <exception cref="ScenarioException">The text has no token that could be scored.</exception>
    public double Of(CausalLanguageModel model, ChatFormat format, string text)
    {
        ArgumentNullException.ThrowIfNull(format);
        var tokens = format.Text("", text).Tokens;
        if (tokens is [.., var last] && last == format.Control.End) tokens = tokens[..^1];
        if (tokens.Length < 2)
            throw new ScenarioException("TITER554 A text has no token that perplexity could score. Give it more text, or leave it out.");
        return Math.Exp(Nats(model, tokens).Average());
    }

    private IEnumerable<double> Nats(CausalLanguageModel model, int[] tokens)
    {
        var window = Math.Min(_window, model.Shape.MaxLength);
        var stride = Math.Min(_stride, window - 1);
        for (var scored = 1; scored < tokens.Length;)
        {
            var end = Math.Min(scored == 1 ? window : scored + stride, tokens.Length);
            var logs = LogLikelihood.PerToken(model, tokens[Math.Max(0, end - window)..end]);
            foreach (var log in logs[^(end - scored)..]) yield return -log;
            scored = end;
        }
    }
}
