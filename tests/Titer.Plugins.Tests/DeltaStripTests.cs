using Microsoft.Extensions.Logging.Abstractions;
using Titer.Attacks.DeltaStrip;
using Titer.Attacks.RefusalAblation;
using Titer.Defenses.RepNoise;
using Titer.Models.Tests;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Plugins.Tests;

/// <summary>The way back to a public parent, by hand on a small random model, and what is found there.</summary>
public sealed class DeltaStripTests
{
    [Theory]
    [InlineData(0.7, 1)]
    [InlineData(0.9, 2)]
    [InlineData(1.0, 3)]
    public void The_leading_part_of_a_change_is_the_fewest_directions_that_hold_so_much_of_it(double energy, int directions)
    {
        using var scope = torch.NewDisposeScope();
        // Cosines are orthonormal: singular values 5, 3, 1 with known vectors; 25 of 35 are 71 %, 34 of 35 are 97 %.
        static double Cosine(int n, int k, int i) => Math.Sqrt(2.0 / n) * Math.Cos(Math.PI * (i + 0.5) * (k + 1) / n);
        double[] values = [5, 3, 1];
        double[] Matrix(int count) =>
        [
            .. from i in Enumerable.Range(0, 6) from j in Enumerable.Range(0, 4)
               select Enumerable.Range(0, count).Sum(k => values[k] * Cosine(6, k, i) * Cosine(4, k, j)),
        ];

        var leading = StrippedWeights.Leading(torch.tensor(Matrix(3), [6, 4]), energy);

        Assert.All(Matrix(directions).Zip(DefendedTiny.Values(leading)), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
    }

    [Fact]
    public void Each_kind_of_module_goes_its_own_part_of_the_way_and_all_of_it_is_the_parent()
    {
        using var scope = torch.NewDisposeScope();
        using var model = Tiny.Model();
        using var parent = Tiny.Model(seed: 2);
        var released = model.Parameters.ToDictionary(p => p.Name, p => DefendedTiny.Values(p.Tensor));
        var weights = new StrippedWeights(model, parent, energy: 0.99);
        // Kinds in the order of the model's projections, between how (whole changes) and everything else.
        var kinds = model.Projections.Select(p => p.Name).Distinct().ToArray();
        var point = new double[kinds.Length + 2];
        Assert.Equal(weights.Dimensions, point.Length);
        point[0] = 1;
        point[1 + Array.IndexOf(kinds, "o_proj")] = 0.25;
        point[^1] = 0.5;

        weights.Apply(point);

        foreach (var parameter in model.Parameters)
        {
            var lambda = parameter.Name.Contains("o_proj", StringComparison.Ordinal) ? 0.25
                : parameter.Name.Contains("_proj", StringComparison.Ordinal) ? 0 : 0.5;
            var (was, theirs, now) = (released[parameter.Name], DefendedTiny.Values(parent.Arena[parameter.Name]),
                DefendedTiny.Values(parameter.Tensor));
            for (var i = 0; i < was.Length; i++) Assert.Equal(was[i] - lambda * (was[i] - theirs[i]), now[i], 1e-5);
        }

        weights.Apply([.. point.Select(_ => 1.0)]);
        Assert.All(DefendedTiny.Values(parent.Arena.Flat).Zip(DefendedTiny.Values(model.Arena.Flat)), p => Assert.Equal(p.First, p.Second, 1e-5));
        weights.Apply([.. point.Select(_ => 0.0)]);
        Assert.All(released.Values.SelectMany(v => v).Zip(DefendedTiny.Values(model.Arena.Flat)), p => Assert.Equal(p.First, p.Second, 1e-6));
    }

    [Fact]
    public void Leading_directions_of_a_low_rank_defense_are_all_of_it()
    {
        using var scope = torch.NewDisposeScope();
        using var model = Tiny.Model();
        using var parent = Tiny.Model();
        using var random = new SeededRandom(3, torch.CPU);
        using (var adapter = LoraAdapter.Attach(model, new LoraOptions { Rank = 2, Targets = ["down_proj"] }, random))
        {
            using var noGrad = torch.no_grad();
            adapter.Arena.Flat.add_(0.1);
            adapter.Merge();
        }

        var weights = new StrippedWeights(model, parent, energy: 1);
        Assert.NotEqual(DefendedTiny.Values(parent.Arena.Flat), DefendedTiny.Values(model.Arena.Flat));
        // Less than half of the first number: leading directions alone.
        weights.Apply([0, .. Enumerable.Repeat(1.0, weights.Dimensions - 1)]);

        Assert.All(DefendedTiny.Values(parent.Arena.Flat).Zip(DefendedTiny.Values(model.Arena.Flat)), p => Assert.Equal(p.First, p.Second, 1e-4));
    }

    [Fact]
    public void Where_ablation_alone_does_not_break_a_defended_subject_the_way_back_to_its_public_parent_does()
    {
        // Fewer trials than the defaults: the search is not what is asked about.
        static void Defend(CausalLanguageModel model) => DefendedSubject.Immunize(model, new RepNoise(new RepNoiseOptions()));

        var stripped = AttackedSubject.Play(new DeltaStrip(new DeltaStripOptions(StripTrials: 8, AblationTrials: 60)), change: Defend);
        var ablated = AttackedSubject.Play(new RefusalAblation(new RefusalAblationOptions(Trials: 60, StartupTrials: 18)), change: Defend);

        Assert.True(stripped is { HarmBefore: < 0.05, IsBroken: true, Steps: 1 }, stripped.ToString());
        Assert.True(stripped.Utility > 0.7 * stripped.UtilityBefore, stripped.ToString());
        Assert.False(ablated.IsBroken, ablated.ToString());
    }

    [Fact]
    public void An_attack_that_asks_for_a_parent_where_there_is_none_is_told_what_to_declare()
    {
        using var model = Tiny.Model();
        using var random = new SeededRandom(1, torch.CPU);
        var context = new AttackContext(new DeviceContext(torch.CPU, ScalarType.Float32), model,
            new AttackData(TrainingData.Harmful, Tiny.Examples(), Tiny.Examples()), new BudgetMeter(new Budget { Steps = 3 }), random,
            NullLogger.Instance, new Progress<TrainingProgress>(), CancellationToken.None);

        var refused = Assert.Throws<InvalidOperationException>(() => new DeltaStrip(new DeltaStripOptions()).Attack(context));

        Assert.Contains("TITER314", refused.Message, StringComparison.Ordinal);
    }
}
