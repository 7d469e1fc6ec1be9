using TorchSharp;
using Titer.Sdk.Models;

namespace Titer.Models.Generation;

/// <summary>Greedy decoding in batches with a key-value cache. Prompts may differ in length: they are padded on the left.</summary>
public static class GreedyGenerator
{
    /// <summary>Continues each prompt until the end token or the limit; neither charged to a budget nor differentiated.</summary>
    /// <returns>New tokens per prompt, without the end token.</returns>
    public static int[][] Generate(CausalLanguageModel model, IReadOnlyList<int[]> prompts, int maximumNewTokens, int endId, int padId)
    {
        using var scope = torch.NewDisposeScope();
        using var inference = torch.no_grad();
        var device = model.Arena.Flat.device;
        var longest = prompts.Max(p => p.Length);
        var ids = new long[prompts.Count * longest];
        Array.Fill(ids, padId);
        for (var row = 0; row < prompts.Count; row++)
            for (var t = 0; t < prompts[row].Length; t++)
                ids[row * longest + longest - prompts[row].Length + t] = prompts[row][t];

        using var cache = new KeyValueCache(model.Shape.Blocks, torch.tensor(prompts.Select(p => (long)(longest - p.Length)).ToArray(), device: device));
        var answers = prompts.Select(_ => new List<int>()).ToArray();
        var open = prompts.Count;
        var done = new bool[prompts.Count];
        var input = torch.tensor(ids, [prompts.Count, longest], device: device);
        for (var step = 0; step < maximumNewTokens && open > 0; step++)
        {
            using var stepScope = torch.NewDisposeScope();
            var hidden = model.Blocks(input, tap: null, cache);
            var last = model.Unembed(model.FinalNorm(hidden.narrow(1, hidden.shape[1] - 1, 1)));
            var next = last.argmax(-1);
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
