using Titer.Defenses.Art;
using Titer.Defenses.Patcher;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Plugins.Tests;

/// <summary>Terms of the defenses that attack themselves while they train, each once more by hand in float64, on a small random model.</summary>
public sealed class AttackedLossTests
{
    private const double Tolerance = 1e-9;

    [Fact]
    public void Arts_directions_are_differences_of_means_at_the_prompts_last_token()
    {
        using var model = DefendedTiny.Model();
        using var scope = torch.NewDisposeScope();
        var (forbidden, benign) = (DefendedTiny.Data.Pairs.Batch([0, 2, 6]).Refusal, DefendedTiny.Data.Benign.Batch([1, 2]));

        var directions = DefendedTiny.Values(Ablation.Directions(model, forbidden, benign));

        for (var block = 0; block < 2; block++)
        {
            var difference = MeanState(model, forbidden, block).Zip(MeanState(model, benign, block), (a, b) => a - b).ToArray();
            var norm = Math.Sqrt(difference.Sum(x => x * x));
            for (var i = 0; i < 24; i++) Assert.Equal(difference[i] / norm, directions[block * 24 + i], Tolerance);
        }
    }

    [Fact]
    public void Arts_ablated_loss_is_that_without_the_direction_in_anything_that_is_written()
    {
        using var model = DefendedTiny.Model();
        using var scope = torch.NewDisposeScope();
        var (forbidden, benign) = (DefendedTiny.Data.Pairs.Batch([0, 2, 6]).Refusal, DefendedTiny.Data.Benign.Batch([1, 2]));
        var direction = Ablation.Directions(model, forbidden, benign)[1];
        var along = DefendedTiny.Values(direction);
        var seen = 0;
        Tensor Without(int block, TapSite site, Tensor value)
        {
            if (site == TapSite.BlockOutput)
            {
                // Nothing of it is left in the stream.
                Assert.All(DefendedTiny.Values(value).Chunk(24), state => Assert.Equal(0, DefendedTiny.Dot(state, along), 1e-12));
                seen++;
                return value;
            }

            double[] rest = [.. DefendedTiny.Values(value).Chunk(24).SelectMany(written =>
            {
                var part = DefendedTiny.Dot(written, along);
                return written.Zip(along, (x, d) => x - part * d);
            })];
            return torch.tensor(rest, value.shape);
        }

        var byHand = DefendedTiny.CrossEntropy(model, forbidden, Without);

        Assert.Equal(2, seen);
        Assert.Equal(byHand, Ablation.Loss(model, forbidden, direction).item<double>(), Tolerance);
        Assert.NotEqual(DefendedTiny.CrossEntropy(model, forbidden), byHand, 1e-3);
    }

    [Fact]
    public void Patcher_looks_where_a_simulated_attack_of_all_weights_ends_and_comes_back()
    {
        const double Rate = 1e-2;
        using var model = DefendedTiny.Model();
        using var attacked = DefendedTiny.Model();
        using var scope = torch.NewDisposeScope();
        TokenBatch[] attack = [DefendedTiny.Data.Pairs.Batch([0, 2]).Harmful, DefendedTiny.Data.Pairs.Batch([3, 4]).Harmful];
        var refusal = DefendedTiny.Data.Pairs.Batch([1, 5]).Refusal;
        var start = DefendedTiny.Values(model.Arena.Flat);
        // Adam's two steps from the formula (Kingma and Ba 2015, algorithm 1).
        var (weights, first, second) = (start.ToArray(), new double[start.Length], new double[start.Length]);
        for (var t = 1; t <= 2; t++)
        {
            var gradient = DefendedTiny.Gradient(attacked, () => FineTuner.SupervisedLoss(attacked, attack[t - 1]));
            for (var i = 0; i < weights.Length; i++)
            {
                first[i] = 0.9 * first[i] + 0.1 * gradient[i];
                second[i] = 0.999 * second[i] + 0.001 * gradient[i] * gradient[i];
                weights[i] -= Rate * (first[i] / (1 - Math.Pow(0.9, t))) / (Math.Sqrt(second[i] / (1 - Math.Pow(0.999, t))) + 1e-8);
            }

            using var noGrad = torch.no_grad();
            attacked.Arena.Flat.copy_(torch.tensor(weights));
        }

        var end = DefendedTiny.Values(Patcher.EndPointGradient(model, attack, refusal, Rate));

        Assert.Equal(start, DefendedTiny.Values(model.Arena.Flat));
        foreach (var seed in new[] { 1, 2 })
        {
            var direction = DefendedTiny.Direction(model, seed);
            var slope = DefendedTiny.Slope(attacked, direction, () => DefendedTiny.CrossEntropy(attacked, refusal));
            Assert.Equal(slope, DefendedTiny.Dot(end, direction), 1e-6);
        }
    }

    /// <summary>Mean over the batch of the residual stream after a block, at position 1: prompts of the data have two tokens.</summary>
    private static double[] MeanState(CausalLanguageModel model, TokenBatch batch, int block)
    {
        using var scope = torch.NewDisposeScope();
        double[] values = [];
        model.Forward(batch.InputIds, (at, site, value) =>
        {
            if (site == TapSite.BlockOutput && at == block) values = DefendedTiny.Values(value);
            return value;
        });
        var (rows, time) = ((int)batch.InputIds.shape[0], (int)batch.InputIds.shape[1]);
        return [.. Enumerable.Range(0, 24).Select(i => Enumerable.Range(0, rows).Average(row => values[(row * time + 1) * 24 + i]))];
    }
}
