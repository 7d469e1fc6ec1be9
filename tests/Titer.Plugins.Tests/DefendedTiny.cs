using Microsoft.Extensions.Logging.Abstractions;
using Titer.Models;
using Titer.Models.Llama;
using Titer.Models.Tests;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Plugins.Tests;

/// <summary>A defense on a small random model, and losses once more by hand: loops over float64 numbers, without a function of a plugin or the SDK.
/// </summary>
internal static class DefendedTiny
{
    public static DefenseData Data { get; } = new(
        new PairSet([.. Enumerable.Range(0, 8).Select(i => new PairedExample(new($"h{i}", "d", [1, 3 + i, 20, 21 + i, 22, 2], 2),
            new($"r{i}", "d", [1, 3 + i, 30, 31, 2], 2)))], 0, torch.CPU),
        Tiny.Examples());

    /// <summary>In float64.</summary>
    public static LlamaModel Model(ulong seed = 1)
    {
        using var random = new SeededRandom(seed, torch.CPU);
        return LlamaModel.Create(Tiny.Config, DeviceSelection.Open("cpu", ScalarType.Float64), random);
    }

    /// <returns>Steps that were charged.</returns>
    public static long Immunize(CausalLanguageModel model, IDefense defense, int steps = 3, DefenseData? data = null)
    {
        using var random = new SeededRandom(5, torch.CPU);
        var meter = new BudgetMeter(new Budget { Steps = steps });
        defense.Immunize(new DefenseContext(new DeviceContext(torch.CPU, model.Arena.Flat.dtype), model, data ?? Data, meter, random,
            NullLogger.Instance, new Progress<TrainingProgress>(), CancellationToken.None));
        return meter.Steps;
    }

    public static double[] Values(Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        return tensor.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray();
    }

    /// <summary>Mean over labeled positions of -log p(label), from the logits before each of them.</summary>
    public static double CrossEntropy(CausalLanguageModel model, TokenBatch batch, Tap? tap = null) =>
        MeanOverLabels(model, batch, (logProbabilities, label) => -logProbabilities[label], tap);

    /// <summary>Mean of something of log p over the vocabulary, over the positions before labeled ones.</summary>
    public static double MeanOverLabels(CausalLanguageModel model, TokenBatch batch, Func<double[], long, double> value, Tap? tap = null)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var logits = Values(model.Forward(batch.InputIds, tap));
        var labels = batch.Labels.data<long>().ToArray();
        var (time, vocabulary) = ((int)batch.Labels.shape[1], model.Shape.Vocabulary);
        var (sum, count) = (0.0, 0);
        for (var at = 0; at < labels.Length; at++)
        {
            if (at % time == 0 || labels[at] == TokenBatch.IgnoredLabel) continue;
            var row = logits.AsSpan((at - 1) * vocabulary, vocabulary).ToArray();
            var logNormalizer = Math.Log(row.Sum(Math.Exp));
            sum += value([.. row.Select(x => x - logNormalizer)], labels[at]);
            count++;
        }

        return sum / count;
    }

    /// <summary>Slope of a function of the weights along a direction, by central differences.</summary>
    public static double Slope(CausalLanguageModel model, double[] direction, Func<double> function, double step = 1e-5)
    {
        using var noGrad = torch.no_grad();
        using var along = torch.tensor(direction);
        using var start = model.Arena.Flat.clone();
        double At(double size)
        {
            using var scope = torch.NewDisposeScope();
            model.Arena.Flat.copy_(start + size * along);
            return function();
        }

        var slope = (At(step) - At(-step)) / (2 * step);
        model.Arena.Flat.copy_(start);
        return slope;
    }

    /// <summary>A direction of length 1.</summary>
    public static double[] Direction(CausalLanguageModel model, int seed)
    {
        var random = new Random(seed);
        var drawn = Enumerable.Range(0, (int)model.Arena.Count).Select(_ => random.NextDouble() - 0.5).ToArray();
        var norm = Math.Sqrt(drawn.Sum(x => x * x));
        return [.. drawn.Select(x => x / norm)];
    }

    public static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    /// <summary>Gradient of a loss at the weights as they are, as numbers.</summary>
    public static double[] Gradient(CausalLanguageModel model, Func<Tensor> loss)
    {
        using var scope = torch.NewDisposeScope();
        model.Arena.ZeroGradients();
        loss().backward();
        var values = Values(model.Arena.FlatGradient);
        model.Arena.ZeroGradients();
        return values;
    }
}
