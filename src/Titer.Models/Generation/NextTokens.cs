using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Generation;

/// <summary>How likely each of some continuations is; neither charged to a budget nor differentiated.</summary>
public static class NextTokens
{
    /// <summary>Log-probability of each choice behind each prompt, in nats; a choice of several tokens is the sum over them.</summary>
    /// <param name="prompts">Token ids, none empty.</param>
    /// <param name="choices">Token ids, none empty; the same ones behind every prompt.</param>
    /// <returns>[prompt][choice].</returns>
    public static double[][] LogProbabilities(CausalLanguageModel model, IReadOnlyList<int[]> prompts, IReadOnlyList<int[]> choices, int padId,
        int batchSize = 8)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(choices);
        if (choices.All(c => c.Length == 1)) return OfOneToken(model, prompts, [.. choices.Select(c => (long)c[0])], padId, batchSize);
        var sums = LogLikelihood.Completions(model, [.. prompts.SelectMany(p => choices.Select(c => (p, c)))], padId, batchSize);
        return [.. sums.Chunk(choices.Count)];
    }

    /// <summary>One pass for all choices: what stands behind the prompt is read once.</summary>
    private static double[][] OfOneToken(CausalLanguageModel model, IReadOnlyList<int[]> prompts, long[] choices, int padId, int batchSize)
    {
        var all = new double[prompts.Count][];
        foreach (var batch in Enumerable.Range(0, prompts.Count).OrderByDescending(p => prompts[p].Length).Chunk(batchSize))
        {
            using var scope = torch.NewDisposeScope();
            using var inference = torch.no_grad();
            var device = model.Arena.Flat.device;
            var length = prompts[batch[0]].Length;
            var (ids, last) = (new long[batch.Length * length], new long[batch.Length]);
            Array.Fill(ids, padId);
            for (var b = 0; b < batch.Length; b++)
            {
                for (var t = 0; t < prompts[batch[b]].Length; t++) ids[(b * length) + t] = prompts[batch[b]][t];
                last[b] = (b * length) + prompts[batch[b]].Length - 1;
            }

            var logits = model.ForwardAt(torch.tensor(ids, [batch.Length, length], device: device), torch.tensor(last, device: device));
            var log = torch.nn.functional.log_softmax(logits.to(ScalarType.Float32), -1)
                .index_select(1, torch.tensor(choices, device: device)).cpu().data<float>().ToArray();
            for (var b = 0; b < batch.Length; b++) all[batch[b]] = [.. log.Skip(b * choices.Length).Take(choices.Length).Select(x => (double)x)];
        }

        return all;
    }
}
