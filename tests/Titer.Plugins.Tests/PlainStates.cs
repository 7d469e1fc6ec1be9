using Titer.Models.Tests;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Plugins.Tests;

/// <summary>
/// Hidden states of a small model as numbers: the embeddings, each block's output, the last one normed by hand; and what formulas need of them.
/// </summary>
internal sealed class PlainStates
{
    private readonly List<double[]> _layers = [];
    private readonly long[] _labels;

    public PlainStates(CausalLanguageModel model, TokenBatch batch)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        (Rows, Time, Hidden) = ((int)batch.InputIds.shape[0], (int)batch.InputIds.shape[1], model.Shape.Hidden);
        (Ids, _labels) = (batch.InputIds.data<long>().ToArray(), batch.Labels.data<long>().ToArray());
        model.Forward(batch.InputIds, (_, site, value) =>
        {
            if (site is TapSite.Embedding or TapSite.BlockOutput) _layers.Add(DefendedTiny.Values(value));
            return value;
        });
        var gain = DefendedTiny.Values(model.Arena["model.norm.weight"]);
        _layers[^1] = [.. _layers[^1].Chunk(Hidden).SelectMany(state =>
        {
            var size = Math.Sqrt(state.Average(x => x * x) + Tiny.Config.RmsNormEps);
            return state.Zip(gain, (x, g) => x / size * g);
        })];
    }

    public int Layers => _layers.Count;

    public int Rows { get; }

    public int Time { get; }

    public int Hidden { get; }

    public long[] Ids { get; }

    public double[] At(int layer, int row, int time) => _layers[layer][((row * Time + time) * Hidden)..((row * Time + time + 1) * Hidden)];

    /// <summary>Places of answer tokens.</summary>
    public IEnumerable<(int Row, int Time)> Answers => Places.Where(p => _labels[p.Row * Time + p.Time] != TokenBatch.IgnoredLabel);

    /// <summary>Places of tokens that are no padding: those up to a row's last answer token.</summary>
    public IEnumerable<(int Row, int Time)> Tokens => Places.Where(p => p.Time <= Answers.Where(a => a.Row == p.Row).Max(a => a.Time));

    private IEnumerable<(int Row, int Time)> Places =>
        from row in Enumerable.Range(0, Rows) from time in Enumerable.Range(0, Time) select (row, time);

    public static double Cosine(double[] a, double[] b) =>
        DefendedTiny.Dot(a, b) / Math.Sqrt(DefendedTiny.Dot(a, a) * DefendedTiny.Dot(b, b));

    public static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());
}
