using Titer.Models.Generation;
using TorchSharp;

namespace Titer.Models.Tests;

/// <summary>Drawn tokens: from the right distribution, within the cuts, and the same whoever is asked beside.</summary>
public sealed class SampledGenerationTests
{
    private static readonly int[][] Ragged = [[1, 5, 9, 7, 30, 2, 11], [1, 8], [4, 8, 3, 30], [1], [7, 7, 7]];

    [Theory]
    [InlineData(1.0)]
    [InlineData(2.5)]
    public void First_tokens_are_as_frequent_as_the_softmax_says(double temperature)
    {
        const int Draws = 4000;
        using var model = Tiny.Model(3);
        int[] prompt = [1, 5, 9];
        var chances = Chances(model, prompt, temperature);

        var drawn = Sample(model, [.. Enumerable.Repeat(prompt, Draws)], 1, new SamplingOptions { Temperature = temperature }, seed: 11);

        // Pearson's chi-square over tokens that are expected at least five times, the rest as one.
        var counts = Enumerable.Range(0, chances.Length).Select(token => drawn.Count(d => d[0] == token)).ToArray();
        var cells = chances.Select((p, token) => (Expected: p * Draws, Seen: (double)counts[token])).ToLookup(c => c.Expected >= 5);
        var all = cells[true].Append((Expected: cells[false].Sum(c => c.Expected), Seen: cells[false].Sum(c => c.Seen))).Where(c => c.Expected > 0.5)
            .ToArray();
        var square = all.Sum(c => (c.Seen - c.Expected) * (c.Seen - c.Expected) / c.Expected);
        var freedom = all.Length - 1;
        Assert.True(freedom > 3);
        // Four standard deviations of the chi-square distribution, and a little for its tail.
        Assert.True(square < freedom + 4 * Math.Sqrt(2 * freedom) + 4, $"{square:0.0} on {freedom} degrees of freedom");
    }

    [Fact]
    public void One_token_to_choose_from_or_hardly_any_temperature_or_nucleus_is_greedy()
    {
        using var model = Tiny.Model(6);
        var greedy = TextGenerator.Greedy(model, Ragged, 9, endId: -1, padId: 0);

        Assert.Equal(greedy, Sample(model, Ragged, 9, new SamplingOptions { TopK = 1 }));
        Assert.Equal(greedy, Sample(model, Ragged, 9, new SamplingOptions { Temperature = SamplingOptions.SmallestTemperature }));
        Assert.Equal(greedy, Sample(model, Ragged, 9, new SamplingOptions { TopP = SamplingOptions.SmallestTopP }));
        Assert.NotEqual(greedy, Sample(model, Ragged, 9, new SamplingOptions { Temperature = 3 }));
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.8)]
    public void No_token_outside_of_the_nucleus_is_drawn_and_every_one_inside_is(double topP)
    {
        using var model = Tiny.Model(3);
        int[] prompt = [1, 5, 9];
        var nucleus = new HashSet<int>();
        var sum = 0.0;
        foreach (var (token, chance) in Chances(model, prompt, 1).Select((p, token) => (token, p)).OrderByDescending(c => c.p))
        {
            if (sum >= topP) break;
            nucleus.Add(token);
            sum += chance;
        }

        var drawn = Sample(model, [.. Enumerable.Repeat(prompt, 3000)], 1, new SamplingOptions { TopP = topP }).Select(d => d[0]).ToHashSet();

        Assert.Equal(nucleus.Order(), drawn.Order());
    }

    [Fact]
    public void The_top_k_are_cut_before_the_nucleus()
    {
        using var model = Tiny.Model(3);
        int[] prompt = [1, 5, 9];
        var best = Chances(model, prompt, 1).Select((p, token) => (token, p)).OrderByDescending(c => c.p).Take(2).ToArray();
        // Of two alone the first has a larger part than of all.
        var topP = best[0].p / (best[0].p + best[1].p) - 1e-3;

        HashSet<int> Drawn(double p) =>
            [.. Sample(model, [.. Enumerable.Repeat(prompt, 500)], 1, new SamplingOptions { TopK = 2, TopP = p }).Select(d => d[0])];

        Assert.Equal([best[0].token], Drawn(topP));
        Assert.Equal([.. best.Select(b => b.token).Order()], Drawn(1).Order());
    }

    [Fact]
    public void An_answer_depends_on_its_seed_and_not_on_who_is_asked_beside()
    {
        using var model = Tiny.Model(6);
        var sampling = new SamplingOptions { Temperature = 2, TopP = 0.95 };
        int[][] prompts = [.. Enumerable.Range(0, 70).Select(i => Ragged[i % Ragged.Length])];
        var seeds = TextGenerator.StreamSeeds(5, prompts.Length);

        var together = TextGenerator.Sampled(model, prompts, 9, endId: 7, padId: 0, sampling, seeds);
        var again = TextGenerator.Sampled(model, prompts, 9, endId: 7, padId: 0, sampling, seeds);
        var alone = prompts.Select((p, row) => TextGenerator.Sampled(model, [p], 9, endId: 7, padId: 0, sampling, [seeds[row]])[0]);
        var other = TextGenerator.Sampled(model, prompts, 9, endId: 7, padId: 0, sampling, TextGenerator.StreamSeeds(6, prompts.Length));

        Assert.Equal(together, again);
        Assert.Equal(together, alone);
        Assert.NotEqual(together, other);
    }

    [Fact]
    public void Each_row_ends_at_its_own_end_token()
    {
        using var model = Tiny.Model(6);
        var sampling = new SamplingOptions { Temperature = 2 };
        int[][] prompts = [.. Enumerable.Range(0, 50).Select(i => Ragged[i % Ragged.Length])];
        var free = Sample(model, prompts, 12, sampling);
        const int End = 9;

        var stopped = Sample(model, prompts, 12, sampling, endId: End);

        Assert.Equal(free.Select(row => row.TakeWhile(token => token != End)), stopped);
        Assert.Contains(stopped, row => row.Length < 12);
        Assert.Contains(stopped, row => row.Length == 12);
    }

    [Theory]
    [InlineData(0, 1, null, "temperature")]
    [InlineData(double.NaN, 1, null, "temperature")]
    [InlineData(1, 0, null, "top_p")]
    [InlineData(1, 1.5, null, "top_p")]
    [InlineData(1, 1, 0, "top_k")]
    public void Options_out_of_range_are_refused(double temperature, double topP, int? topK, string named)
    {
        using var model = Tiny.Model();

        var fault = Assert.Throws<ArgumentException>(
            () => Sample(model, Ragged, 1, new SamplingOptions { Temperature = temperature, TopP = topP, TopK = topK }));

        Assert.StartsWith("TITER431", fault.Message, StringComparison.Ordinal);
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_are_not_finite_still_give_an_answer()
    {
        using var model = Tiny.Model();
        using (torch.no_grad()) model.Arena.Flat.fill_(double.NaN);

        Assert.All(Sample(model, Ragged, 3, new SamplingOptions { TopP = 0.9 }),
            row => Assert.All(row, token => Assert.InRange(token, 0, Tiny.Config.VocabSize - 1)));
    }

    private static int[][] Sample(Llama.LlamaModel model, int[][] prompts, int newTokens, SamplingOptions sampling, ulong seed = 1,
        int endId = -1) =>
        TextGenerator.Sampled(model, prompts, newTokens, endId, padId: 0, sampling, TextGenerator.StreamSeeds(seed, prompts.Length));

    private static double[] Chances(Llama.LlamaModel model, int[] prompt, double temperature)
    {
        using var scope = torch.NewDisposeScope();
        using var inference = torch.no_grad();
        var logits = model.Forward(Tiny.Ids([.. prompt.Select(i => (long)i)]))[0, prompt.Length - 1].to(ScalarType.Float64);
        return torch.nn.functional.softmax(logits / temperature, -1).data<double>().ToArray();
    }
}
