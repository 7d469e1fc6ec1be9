using TorchSharp;
using Titer.Sdk.Models;

namespace Titer.Models.Generation;

/// <summary>Greedy decoding in batches with a key-value cache. Prompts may differ in length: they are padded on the left.</summary>
public static class GreedyGenerator
{
    /// <summary>More of them pad less and run smaller products: two was best on 50 to 300 rows of the embedded subject.</summary>
    private const int Buckets = 2;
    private const int SmallestBucket = 32;

    /// <summary>Continues each prompt until the end token or the limit; neither charged to a budget nor differentiated.</summary>
    /// <returns>New tokens per prompt, without the end token.</returns>
    /// <exception cref="ArgumentException">A prompt is empty, or leaves no room for the new tokens.</exception>
    public static int[][] Generate(CausalLanguageModel model, IReadOnlyList<int[]> prompts, int maximumNewTokens, int endId, int padId)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompts);
        if (prompts.Any(p => p.Length == 0)) throw new ArgumentException("TITER430 A prompt is empty. Begin it with the start token.", nameof(prompts));
        if (prompts.Any(p => p.Length + maximumNewTokens > model.Shape.MaxLength + 1))
            throw new ArgumentException($"TITER430 A prompt of {prompts.Max(p => p.Length)} tokens leaves no room for {maximumNewTokens} new ones: the model's length is {model.Shape.MaxLength}.", nameof(prompts));
        // Prompts of about the same length go together: padding is computed like any other token.
        var answers = new int[prompts.Count][];
        var order = Enumerable.Range(0, prompts.Count).OrderBy(i => prompts[i].Length).ToArray();
        foreach (var bucket in order.Chunk(Math.Max(SmallestBucket, (order.Length + Buckets - 1) / Buckets)))
        {
            var own = Continue(model, [.. bucket.Select(i => prompts[i])], maximumNewTokens, endId, padId);
            for (var i = 0; i < bucket.Length; i++) answers[bucket[i]] = own[i];
        }

        return answers;
    }

    private static int[][] Continue(CausalLanguageModel model, int[][] prompts, int maximumNewTokens, int endId, int padId)
    {
        using var scope = torch.NewDisposeScope();
        using var inference = torch.no_grad();
        var device = model.Arena.Flat.device;
        var longest = prompts.Max(p => p.Length);
        var ids = new long[prompts.Length * longest];
        Array.Fill(ids, padId);
        for (var row = 0; row < prompts.Length; row++)
            for (var t = 0; t < prompts[row].Length; t++)
                ids[row * longest + longest - prompts[row].Length + t] = prompts[row][t];

        using var cache = new KeyValueCache(model.Shape.Blocks, torch.tensor(prompts.Select(p => (long)(longest - p.Length)).ToArray(), device: device));
        var answers = prompts.Select(_ => new List<int>()).ToArray();
        var open = prompts.Length;
        var done = new bool[prompts.Length];
        var input = torch.tensor(ids, [prompts.Length, longest], device: device);
        for (var step = 0; step < maximumNewTokens && open > 0; step++)
        {
            using var stepScope = torch.NewDisposeScope();
            var ends = torch.arange(input.shape[1] - 1, input.numel(), input.shape[1], dtype: ScalarType.Int64, device: device);
            var next = model.Unembed(model.FinalNorm(model.BlocksAt(input, ends, cache))).argmax(-1, keepdim: true);
            var tokens = next.cpu().data<long>().ToArray();
            for (var row = 0; row < tokens.Length; row++)
            {
                if (done[row]) continue;
                if (tokens[row] == endId)
                {
                    done[row] = true;
                    open--;
                }
                else
                {
                    answers[row].Add((int)tokens[row]);
                }
            }

            input = next.MoveToOuterDisposeScope();
        }

        return [.. answers.Select(a => a.ToArray())];
    }
}
