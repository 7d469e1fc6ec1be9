using System.Text.Json;
using Titer.Models;
using Titer.Models.Checkpoints;
using Titer.Models.Generation;
using Titer.Models.Tokenizers;
using Titer.Scenarios.Data;
using Titer.Scenarios.Metrics;
using Titer.Sdk.Models;

namespace Titer.Scenarios.Tests.Metrics;

/// <summary>Perplexity against float64 reference values of a pretrained model, and token by token by hand.</summary>
public sealed class SlidingPerplexityTests
{
    [Fact]
    public void Four_texts_that_fit_the_window_have_their_reference_values()
    {
        using var model = Stories(out var format, out var golden);

        Assert.Equal(4, golden.Length);
        Assert.All(golden, g => Assert.Equal(1, new SlidingPerplexity().Of(model, format,
            g.GetProperty("text").GetString()!) / g.GetProperty("perplexity").GetDouble(), 1e-4));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void Every_token_is_scored_once_with_the_context_that_its_window_leaves(int stride)
    {
        const int Window = 8;
        using var model = Stories(out var format, out var golden);
        var edge = golden.Single(g => g.GetProperty("name").GetString() == "edge");
        var ids = edge.GetProperty("ids").EnumerateArray().Select(e => e.GetInt32()).ToArray();

        var score = new SlidingPerplexity(Window, stride).Of(model, format, edge.GetProperty("text").GetString()!);

        var sum = 0.0;
        for (var t = 1; t < ids.Length; t++)
        {
            var end = t < Window ? Window : Math.Min(Window + ((t - Window) / stride + 1) * stride, ids.Length);
            sum -= LogLikelihood.PerToken(model, ids[(end - Window)..(t + 1)])[^1];
        }

        Assert.Equal(1, score / Math.Exp(sum / (ids.Length - 1)), 1e-4);
    }

    [Fact]
    public void A_text_longer_than_the_model_takes_is_read_by_windows_of_the_models_own_length()
    {
        using var model = Stories(out var format, out var golden);
        var text = string.Join(' ', golden.Select(g => g.GetProperty("text").GetString()));
        Assert.True(format.Text("", text).Tokens.Length > model.Shape.MaxLength);

        Assert.Equal(
            new SlidingPerplexity(model.Shape.MaxLength, model.Shape.MaxLength - 1).Of(model, format, text),
            new SlidingPerplexity(100_000, 50_000).Of(model, format, text));
        Assert.Contains("TITER554", Assert.Throws<ScenarioException>(() => new SlidingPerplexity().Of(model, format, "")).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SlidingPerplexity(8, 8));
    }

    private static CausalLanguageModel Stories(out ChatFormat format, out JsonElement[] golden)
    {
        var folder = SharedFiles.Require("stories260K-hf");
        using var document = JsonDocument.Parse(File.ReadAllText(SharedFiles.Require("stories260K-golden.json")));
        golden = [.. document.RootElement.GetProperty("scoring").Clone().EnumerateArray()];
        format = new ChatFormat(TokenizerReader.Read(folder));
        return CheckpointReader.Read(folder, DeviceSelection.Open("cpu"));
    }
}
