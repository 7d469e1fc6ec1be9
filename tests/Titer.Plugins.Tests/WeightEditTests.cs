using Titer.Attacks.Prune;
using Titer.Attacks.QuantizeInt4;
using Titer.Attacks.WeightPerturbation;
using Titer.Models.Tests;
using Titer.Sdk;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Plugins.Tests;

/// <summary>Edits without data, each weight once more by hand in float64, and what is left of the subject.</summary>
public sealed class WeightEditTests
{
    [Theory]
    [InlineData(4, 128)]
    [InlineData(4, 10)]
    [InlineData(3, 7)]
    public void Rounding_puts_every_weight_on_the_nearest_level_of_its_group(int bits, int groupSize)
    {
        using var model = Tiny.Model();
        var projection = model.Projections.First(p => p.Name == "down_proj");
        var before = Values(projection);

        QuantizeInt4.Quantize(projection, bits, groupSize);

        var (after, levels) = (Values(projection), (1 << (bits - 1)) - 1);
        for (var i = 0; i < before.Length; i++)
        {
            foreach (var group in Enumerable.Range(0, before[i].Length).Chunk(groupSize))
            {
                var scale = group.Max(j => Math.Abs(before[i][j])) / levels;
                foreach (var j in group) Assert.Equal(Math.Round(before[i][j] / scale) * scale, after[i][j], 1e-5);
            }
        }
    }

    [Fact]
    public void Rounding_takes_a_small_change_back()
    {
        using var model = Tiny.Model();
        using var changed = Tiny.Model();
        var (own, theirs) = (model.Projections.First(p => p.Name == "up_proj"), changed.Projections.First(p => p.Name == "up_proj"));
        using (torch.no_grad())
        {
            using var scope = torch.NewDisposeScope();
            // Half of a hundredth of a step, on every weight but the largest of a group, which carry the scale.
            var step = theirs.Weight.abs().amax([1], keepdim: true) / 7;
            theirs.Weight.copy_(torch.where(theirs.Weight.abs() < 6.9 * step, theirs.Weight + 0.01 * step, theirs.Weight));
        }

        QuantizeInt4.Quantize(own, 4, 128);
        QuantizeInt4.Quantize(theirs, 4, 128);

        var same = Values(own).Zip(Values(theirs), (a, b) => a.Zip(b, (x, y) => Math.Abs(x - y) < 1e-6 ? 1.0 : 0).Average()).Average();
        Assert.True(same > 0.95, $"{same}");
    }

    [Fact]
    public void Pruning_sets_the_smallest_part_of_a_matrix_to_zero_and_leaves_the_rest()
    {
        using var model = Tiny.Model();
        var projection = model.Projections.First(p => p.Name == "gate_proj");
        var before = Values(projection).SelectMany(row => row).ToArray();

        Prune.Cut(projection, 0.25);

        var after = Values(projection).SelectMany(row => row).ToArray();
        var zero = Enumerable.Range(0, after.Length).Where(i => after[i] == 0).ToArray();
        Assert.Equal(before.Length / 4, zero.Length);
        Assert.True(zero.Max(i => Math.Abs(before[i])) <= Enumerable.Range(0, after.Length).Except(zero).Min(i => Math.Abs(before[i])));
        Assert.All(Enumerable.Range(0, after.Length).Except(zero), i => Assert.Equal(before[i], after[i]));
    }

    [Fact]
    public void Noise_is_as_large_as_asked_for_in_every_matrix_and_at_its_default_the_subject_survives_it()
    {
        double[][] before = [];
        List<double> sizes = [];
        var attacked = AttackedSubject.Play(new Watched(new WeightPerturbation(new WeightPerturbationOptions(0.1)),
            model => before = [.. model.Projections.Select(p => Values(p).SelectMany(r => r).ToArray())],
            model => sizes.AddRange(model.Projections.Select((p, i) => Ratio(before[i], [.. Values(p).SelectMany(r => r)])))), TrainingData.None);

        Assert.All(sizes, size => Assert.Equal(0.1, size, 0.01));
        Assert.True(attacked is { IsBroken: false, Steps: 1 } && attacked.Utility > 0.9 * attacked.UtilityBefore, attacked.ToString());
    }

    [Fact]
    public void Four_bits_cost_the_undefended_subject_nothing_and_so_does_a_third_of_its_weights()
    {
        foreach (IAttack attack in new IAttack[] { new QuantizeInt4(new QuantizeInt4Options()), new Prune(new PruneOptions()) })
        {
            var attacked = AttackedSubject.Play(attack, TrainingData.None);
            Assert.True(attacked.Steps == 1 && attacked.Utility > 0.9 * attacked.UtilityBefore, attacked.ToString());
        }
    }

    private static double[][] Values(LinearProjection projection)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var columns = (int)projection.Weight.shape[1];
        return [.. projection.Weight.contiguous().data<float>().ToArray().Select(x => (double)x).Chunk(columns)];
    }

    private static double Ratio(double[] before, double[] after) =>
        Math.Sqrt(before.Zip(after, (b, a) => (a - b) * (a - b)).Sum() / before.Sum(b => b * b));

    /// <summary>Looks at the model before and after.</summary>
    private sealed class Watched(IAttack inner, Action<CausalLanguageModel> before, Action<CausalLanguageModel> after) : IAttack
    {
        public void Attack(AttackContext context)
        {
            before(context.Model);
            inner.Attack(context);
            after(context.Model);
        }
    }
}
