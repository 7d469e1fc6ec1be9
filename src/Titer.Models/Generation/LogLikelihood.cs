using Titer.Sdk.Data;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Generation;

/// <summary>Scores given text; neither charged to a budget nor differentiated.</summary>
public static class LogLikelihood
{
    /// <summary>Log-probability of every token after the first, given those before it, in nats.</summary>
    public static float[] PerToken(CausalLanguageModel model, int[] ids)
    {
        using var scope = torch.NewDisposeScope();
        using var inference = torch.no_grad();
        var input = torch.tensor(ids.Select(i => (long)i).ToArray(), [1, ids.Length], device: model.Arena.Flat.device);
        var log = torch.nn.functional.log_softmax(model.Forward(input).to(ScalarType.Float32), -1);
        return log[0].narrow(0, 0, ids.Length - 1).gather(1, input[0].narrow(0, 1, ids.Length - 1).unsqueeze(1)).cpu().data<float>().ToArray();
    }

    /// <summary>
    /// Log-probability of each completion given its prompt, in nats. Rows of about equal length go together, padded on the right: what comes after a
    /// row's end cannot change what came before.
    /// </summary>
    /// <param name="rows">Neither part is empty.</param>
    /// <returns>Sums over the completion's tokens, in the order of the rows.</returns>
    public static double[] Completions(CausalLanguageModel model, IReadOnlyList<(int[] Prompt, int[] Completion)> rows, int padId,
        int batchSize = 64)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rows);
        var sums = new double[rows.Count];
        var order = Enumerable.Range(0, rows.Count).OrderByDescending(r => rows[r].Prompt.Length + rows[r].Completion.Length).ToArray();
        foreach (var batch in order.Chunk(batchSize))
        {
            using var scope = torch.NewDisposeScope();
            using var inference = torch.no_grad();
            var length = rows[batch[0]].Prompt.Length + rows[batch[0]].Completion.Length;
            var (ids, asked) = (new long[batch.Length * length], new bool[batch.Length * (length - 1)]);
            Array.Fill(ids, padId);
            for (var b = 0; b < batch.Length; b++)
            {
                var (prompt, completion) = rows[batch[b]];
                if (prompt.Length == 0 || completion.Length == 0)
                    throw new ArgumentException($"Row {batch[b]} has an empty prompt or completion.", nameof(rows));
                for (var t = 0; t < prompt.Length + completion.Length; t++)
                    ids[b * length + t] = t < prompt.Length ? prompt[t] : completion[t - prompt.Length];
                Array.Fill(asked, true, b * (length - 1) + prompt.Length - 1, completion.Length);
            }

            var device = model.Arena.Flat.device;
            var input = torch.tensor(ids, [batch.Length, length], device: device);
            var log = torch.nn.functional.log_softmax(model.Forward(input).to(ScalarType.Float32), -1);
            var chosen = log.narrow(1, 0, length - 1).gather(2, input.narrow(1, 1, length - 1).unsqueeze(2)).squeeze(2);
            // Not a product: minus infinity times zero is not a number.
            var kept = torch.where(torch.tensor(asked, [batch.Length, length - 1], device: device), chosen, torch.zeros_like(chosen)).sum(1).cpu()
                .data<float>().ToArray();
            for (var b = 0; b < batch.Length; b++) sums[batch[b]] = kept[b];
        }

        return sums;
    }

    /// <summary>Mean negative log-likelihood of the labeled positions of a batch, in nats per token.</summary>
    public static double MeanLoss(CausalLanguageModel model, TokenBatch batch)
    {
        using var scope = torch.NewDisposeScope();
        using var inference = torch.no_grad();
        return Sdk.Training.CausalLoss.CrossEntropy(model.Forward(batch.InputIds).to(ScalarType.Float32), batch.Labels).item<float>();
    }
}
