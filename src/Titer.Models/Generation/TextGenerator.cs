using Titer.Sdk;
using Titer.Sdk.Models;

namespace Titer.Models.Generation;

/// <summary>
/// Continues prompts in batches with a key-value cache. Prompts may differ in length: they are padded on the left. Neither charged to a budget
/// nor differentiated.
/// </summary>
public static class TextGenerator
{
    /// <summary>More of them pad less and run smaller products: two was best on 50 to 300 rows of the embedded subject.</summary>
    private const int Buckets = 2;
    private const int SmallestBucket = 32;

    /// <summary>Continues each prompt with the likeliest token until an end token or the limit.</summary>
    /// <returns>New tokens per prompt, without the end token.</returns>
    /// <exception cref="ArgumentException">A prompt is empty, or leaves no room for the new tokens.</exception>
    /// <param name="ends">Tokens that end an answer.</param>
    public static int[][] Greedy(CausalLanguageModel model, IReadOnlyList<int[]> prompts, int maximumNewTokens, IReadOnlyList<int> ends,
        int padId) =>
        Generate(model, prompts, maximumNewTokens, ends, padId, _ => new GreedyChoice());

    /// <inheritdoc cref="Greedy(CausalLanguageModel, IReadOnlyList{int[]}, int, IReadOnlyList{int}, int)"/>
    public static int[][] Greedy(CausalLanguageModel model, IReadOnlyList<int[]> prompts, int maximumNewTokens, int endId, int padId) =>
        Greedy(model, prompts, maximumNewTokens, [endId], padId);

    /// <summary>
    /// Draws each token from the model's distribution. A prompt has its own random stream: what it
    /// draws does not depend on the other prompts, nor on
    /// when they end.
    /// </summary>
    /// <param name="ends">Tokens that end an answer.</param>
    /// <param name="streamSeeds">Seed of each prompt's stream; see <see cref="StreamSeeds"/>.</param>
    /// <returns>New tokens per prompt, without the end token.</returns>
    /// <exception cref="ArgumentException">A prompt is empty, or leaves no room for the new tokens; the options
    /// are out of range; not one seed per prompt.</exception>
    public static int[][] Sampled(
        CausalLanguageModel model, IReadOnlyList<int[]> prompts, int maximumNewTokens, IReadOnlyList<int> ends, int padId, SamplingOptions sampling,
        IReadOnlyList<ulong> streamSeeds)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(sampling);
        ArgumentNullException.ThrowIfNull(streamSeeds);
        sampling.Check();
        if (streamSeeds.Count != prompts.Count)
            throw new ArgumentException($"TITER430 There are {streamSeeds.Count} stream seeds for {prompts.Count} prompts. Give one to each.",
                nameof(streamSeeds));
        return Generate(model, prompts, maximumNewTokens, ends, padId, rows => new SampledChoice(sampling, [.. rows.Select(r => streamSeeds[r])]));
    }

    /// <inheritdoc cref="Sampled(CausalLanguageModel, IReadOnlyList{int[]}, int, IReadOnlyList{int}, int, SamplingOptions, IReadOnlyList{ulong})"/>
    public static int[][] Sampled(
        CausalLanguageModel model, IReadOnlyList<int[]> prompts, int maximumNewTokens, int endId, int padId, SamplingOptions sampling,
        IReadOnlyList<ulong> streamSeeds) =>
        Sampled(model, prompts, maximumNewTokens, [endId], padId, sampling, streamSeeds);

    /// <summary>Seeds of independent streams for the rows 0 .. <paramref name="rows"/> - 1.</summary>
    public static ulong[] StreamSeeds(ulong seed, int rows) => [.. Enumerable.Range(0, rows).Select(row => SeededRandom.Derive(seed, $"row/{row}"))];

    private static int[][] Generate(CausalLanguageModel model, IReadOnlyList<int[]> prompts, int maximumNewTokens, IReadOnlyList<int> ends,
        int padId, Func<int[], ITokenChoice> choiceFor)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(ends);
        if (prompts.Any(p => p.Length == 0))
            throw new ArgumentException("TITER430 A prompt is empty. Begin it with the start token.", nameof(prompts));
        if (prompts.Any(p => p.Length + maximumNewTokens > model.Shape.MaxLength + 1))
            throw new ArgumentException(
                $"TITER430 A prompt of {prompts.Max(p => p.Length)} tokens leaves no room for {maximumNewTokens} new ones: the model's length "
                    + $"is {model.Shape.MaxLength}.", nameof(prompts));
        // Prompts of about the same length go together: padding is computed like any other token.
        var endSet = ends.ToHashSet();
        var answers = new int[prompts.Count][];
        var order = Enumerable.Range(0, prompts.Count).OrderBy(i => prompts[i].Length).ToArray();
        foreach (var bucket in order.Chunk(Math.Max(SmallestBucket, (order.Length + Buckets - 1) / Buckets)))
        {
            using var choice = choiceFor(bucket);
            using var batch = new GenerationBatch(model, [.. bucket.Select(i => prompts[i])], choice, padId, maximumNewTokens);
            var own = batch.Run(endSet);
            for (var i = 0; i < bucket.Length; i++) answers[bucket[i]] = own[i];
        }

        return answers;
    }
}
