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
        var device = model.Arena.Flat.device;
        return LastTokens.Read(prompts, padId, batchSize, device, (ids, last) =>
            torch.nn.functional.log_softmax(model.ForwardAt(ids, last).to(ScalarType.Float32), -1)
                .index_select(1, torch.tensor(choices, device: device)));
    }
}
