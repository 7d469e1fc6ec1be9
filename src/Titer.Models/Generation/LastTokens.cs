using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Generation;

/// <summary>What is read at the last token of each of several texts, in batches of those of about the same length.</summary>
internal static class LastTokens
{
    /// <param name="texts">Token ids, none empty.</param>
    /// <param name="read">
    /// Of token ids [texts, length], padded behind, and the positions of the last tokens among all of them [texts]: a row for each text
    /// [texts, values], in float32. What it makes is freed after it.
    /// </param>
    /// <returns>[text][value].</returns>
    public static double[][] Read(IReadOnlyList<int[]> texts, int padId, int batchSize, torch.Device device, Func<Tensor, Tensor, Tensor> read)
    {
        var all = new double[texts.Count][];
        foreach (var batch in Enumerable.Range(0, texts.Count).OrderByDescending(p => texts[p].Length).Chunk(batchSize))
        {
            using var scope = torch.NewDisposeScope();
            using var inference = torch.no_grad();
            var length = texts[batch[0]].Length;
            var (ids, last) = (new long[batch.Length * length], new long[batch.Length]);
            Array.Fill(ids, padId);
            for (var b = 0; b < batch.Length; b++)
            {
                for (var t = 0; t < texts[batch[b]].Length; t++) ids[(b * length) + t] = texts[batch[b]][t];
                last[b] = (b * length) + texts[batch[b]].Length - 1;
            }

            var found = read(torch.tensor(ids, [batch.Length, length], device: device), torch.tensor(last, device: device));
            var width = (int)found.shape[1];
            var values = found.cpu().data<float>().ToArray();
            for (var b = 0; b < batch.Length; b++) all[batch[b]] = [.. values.Skip(b * width).Take(width).Select(x => (double)x)];
        }

        return all;
    }
}
