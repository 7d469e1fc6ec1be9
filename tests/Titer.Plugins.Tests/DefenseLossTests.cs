using Titer.Defenses.Booster;
using Titer.Defenses.ExtendedRefusal;
using Titer.Defenses.GradientAscent;
using Titer.Defenses.LoX;
using Titer.Defenses.TVaccine;
using Titer.Models.Tests;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Plugins.Tests;

/// <summary>Terms of published defenses, each once more by its formula in float64, on a small random model.</summary>
public sealed class DefenseLossTests
{
    private const double Tolerance = 1e-9;

    /// <summary>Of what was found by finite differences.</summary>
    private const double SlopeTolerance = 1e-6;

    [Fact]
    public void Gradient_ascent_is_the_cross_entropy_with_the_sign_turned()
    {
        using var model = DefendedTiny.Model();
        using var scope = torch.NewDisposeScope();
        var harmful = DefendedTiny.Data.Pairs.Batch([0, 3, 5]).Harmful;

        Assert.Equal(-DefendedTiny.CrossEntropy(model, harmful), GradientAscent.Loss(model, harmful).item<double>(), Tolerance);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Lox_keeps_the_leading_singular_directions_of_a_matrix(int rank)
    {
        using var scope = torch.NewDisposeScope();
        // Cosines are orthonormal: the matrix has the singular values 5, 3, 1 with known vectors.
        static double Cosine(int n, int k, int i) => Math.Sqrt(2.0 / n) * Math.Cos(Math.PI * (i + 0.5) * (k + 1) / n);
        double[] values = [3, 5, 1];
        double Part(int i, int j, IEnumerable<int> which) => which.Sum(k => values[k] * Cosine(6, k, i) * Cosine(4, k, j));
        double[] Matrix(params int[] which) => [.. from i in Enumerable.Range(0, 6) from j in Enumerable.Range(0, 4) select Part(i, j, which)];
        var expected = rank switch { 1 => Matrix(1), 2 => Matrix(0, 1), _ => Matrix(0, 1, 2) };

        var leading = LoX.Leading(torch.tensor(Matrix(0, 1, 2), [6, 4]), rank);

        Assert.All(expected.Zip(DefendedTiny.Values(leading)), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
    }

    [Fact]
    public void Lox_goes_on_where_the_alignment_went()
    {
        using var start = DefendedTiny.Model();
        using var aligned = DefendedTiny.Model();
        using var released = DefendedTiny.Model();

        DefendedTiny.Immunize(aligned, new LoX(new LoXOptions(Alpha: 0)));
        // As many directions as there are: the whole change is the leading part.
        DefendedTiny.Immunize(released, new LoX(new LoXOptions(Alpha: 1.25, Rank: 1000)));

        var moved = 0.0;
        for (var p = 0; p < start.Projections.Count; p++)
        {
            var (a, b, c) = (DefendedTiny.Values(start.Projections[p].Weight), DefendedTiny.Values(aligned.Projections[p].Weight),
                DefendedTiny.Values(released.Projections[p].Weight));
            for (var i = 0; i < a.Length; i++) Assert.Equal(b[i] + 1.25 * (b[i] - a[i]), c[i], 1e-6);
            moved = Math.Max(moved, a.Zip(b, (x, y) => Math.Abs(x - y)).Max());
        }

        Assert.True(moved > 1e-4, $"{moved}");
        const string Embedding = "model.embed_tokens.weight";
        Assert.Equal(DefendedTiny.Values(aligned.Arena[Embedding]), DefendedTiny.Values(released.Arena[Embedding]));
    }

    [Fact]
    public void T_vaccine_probes_by_gradient_norms_and_perturbs_the_drawn_layers_alone()
    {
        using var model = DefendedTiny.Model();
        using var scope = torch.NewDisposeScope();
        var batch = DefendedTiny.Data.Pairs.Batch([1, 4]).Harmful;
        double[][] gradients = [AttentionGradient(model, batch, 0), AttentionGradient(model, batch, 1)];
        double Norm(double[] g) => Math.Sqrt(g.Sum(x => x * x));

        var norms = TVaccineLoss.GradientNorms(model, batch);
        var loss = TVaccineLoss.Perturbed(model, batch, [1], rho: 3).item<double>();

        for (var layer = 0; layer < 2; layer++) Assert.Equal(Norm(gradients[layer]), norms[layer], SlopeTolerance);
        var shift = torch.tensor(gradients[1].Select(x => 3 * x / (Norm(gradients[1]) + 1e-7)).ToArray(),
            [.. batch.InputIds.shape, model.Shape.Hidden]);
        var byHand = DefendedTiny.CrossEntropy(model, batch,
            (block, site, output) => site == TapSite.AttentionOutput && block == 1 ? output + shift : output);
        Assert.Equal(byHand, loss, 1e-5);
        Assert.True(loss > DefendedTiny.CrossEntropy(model, batch));
    }

    [Fact]
    public void T_vaccine_draws_layers_by_their_chances_and_never_one_twice()
    {
        using var random = new SeededRandom(9);
        double[] chances = [0.2, 0, 0.5, 0.3];
        int[][] drawn = [.. Enumerable.Range(0, 4000).Select(_ => LayerDraw.Draw(chances, 2, random))];

        Assert.All(drawn, layers => Assert.True(layers.Distinct().Count() == 2 && !layers.Contains(1)));
        Assert.Equal(0.5, drawn.Average(layers => layers[0] == 2 ? 1.0 : 0), 0.03);
        // 0 first and then 2: 0.2 * 0.5 / 0.8.
        Assert.Equal(0.125, drawn.Average(layers => layers is [0, 2] ? 1.0 : 0), 0.02);
        Assert.Equal([0, 2, 3], LayerDraw.Draw(chances, 3, random).Order());
    }

    [Fact]
    public void T_vaccine_freezes_every_layer_that_was_not_drawn()
    {
        using var start = DefendedTiny.Model();
        using var model = DefendedTiny.Model();

        Assert.Equal(3, DefendedTiny.Immunize(model, new TVaccine(new TVaccineOptions(BatchSize: 4, ProbeSamples: 8, LayerPart: 0.5))));

        string[] changed = [.. start.Parameters.Zip(model.Parameters)
            .Where(p => !DefendedTiny.Values(p.First.Tensor).SequenceEqual(DefendedTiny.Values(p.Second.Tensor))).Select(p => p.First.Name)];
        Assert.NotEmpty(changed);
        Assert.True(changed.All(n => n.StartsWith("model.layers.0.", StringComparison.Ordinal))
            || changed.All(n => n.StartsWith("model.layers.1.", StringComparison.Ordinal)), string.Join(' ', changed));
    }

    [Fact]
    public void Boosters_update_is_what_an_attackers_step_changes_in_the_harmful_slopes()
    {
        using var model = DefendedTiny.Model();
        using var scope = torch.NewDisposeScope();
        var harmful = DefendedTiny.Data.Pairs.Batch([0, 2, 6]).Harmful;
        double Loss() => DefendedTiny.CrossEntropy(model, harmful);
        var here = DefendedTiny.Gradient(model, () => FineTuner.SupervisedLoss(model, harmful));
        var norm = Math.Sqrt(here.Sum(x => x * x));
        var start = DefendedTiny.Values(model.Arena.Flat);

        var update = DefendedTiny.Values(Booster.Attenuation(model, harmful, lambda: 5, alpha: 0.1));

        Assert.Equal(start, DefendedTiny.Values(model.Arena.Flat));
        using var ahead = DefendedTiny.Model();
        using (torch.no_grad())
            ahead.Arena.Flat.copy_(torch.tensor(start.Zip(here, (w, g) => w - 0.1 * g / (norm + 1e-7)).ToArray()));
        foreach (var seed in new[] { 1, 2 })
        {
            var direction = DefendedTiny.Direction(model, seed);
            var slope = DefendedTiny.Slope(model, direction, Loss);
            Assert.Equal(slope, DefendedTiny.Dot(here, direction), SlopeTolerance);
            var slopeAhead = DefendedTiny.Slope(ahead, direction, () => DefendedTiny.CrossEntropy(ahead, harmful));
            Assert.Equal(5 * (slope - slopeAhead), DefendedTiny.Dot(update, direction), SlopeTolerance);
        }
    }

    [Fact]
    public void An_extended_refusal_restates_refuses_and_justifies()
    {
        using var model = DefendedTiny.Model();
        using var scope = torch.NewDisposeScope();
        using var random = new SeededRandom(1);
        // 1, 7 before every question and 8 after it are the chat format's.
        var data = new DefenseData(
            new PairSet([Pair([1, 7, 10, 11, 8], [30, 31, 2]), Pair([1, 7, 12, 8], [33, 34, 2])], 0, torch.CPU),
            Tiny.Examples().Of([new TokenizedExample("b", "d", [1, 7, 13, 8, 4, 5, 2], 4)]));

        var whole = ExtendedRefusal.Extend(data, maxLength: 32, random);

        Assert.Equal([1, 7, 10, 11, 8, 10, 11, 30, 31, 33, 34, 2], whole[0].Tokens);
        Assert.Equal([1, 7, 12, 8, 12, 33, 34, 30, 31, 2], whole[1].Tokens);
        Assert.Equal((5, 4), (whole[0].PromptLength, whole[1].PromptLength));
        Assert.Equal([1, 7, 10, 11, 8, 30, 31, 33, 34, 2], ExtendedRefusal.Extend(data, maxLength: 11, random)[0].Tokens);
        Assert.Equal([1, 7, 10, 11, 8, 30, 31, 2], ExtendedRefusal.Extend(data, maxLength: 9, random)[0].Tokens);
        var batch = whole.Batch([0, 1]);
        Assert.Equal(DefendedTiny.CrossEntropy(model, batch), FineTuner.SupervisedLoss(model, batch).item<double>(), Tolerance);
    }

    private static PairedExample Pair(int[] prompt, int[] refusal) => new(
        new("h", "d", [.. prompt, 20, 21, 2], prompt.Length), new("r", "d", [.. prompt, .. refusal], prompt.Length));

    /// <summary>Gradient of the loss at a block's attention output, number by number.</summary>
    private static double[] AttentionGradient(CausalLanguageModel model, TokenBatch batch, int layer)
    {
        const double Step = 1e-5;
        long[] shape = [.. batch.InputIds.shape, model.Shape.Hidden];
        var shift = new double[shape.Aggregate(1L, (a, b) => a * b)];
        double At(int i, double size)
        {
            using var scope = torch.NewDisposeScope();
            shift[i] = size;
            var moved = torch.tensor(shift, shape);
            var loss = DefendedTiny.CrossEntropy(model, batch,
                (block, site, output) => site == TapSite.AttentionOutput && block == layer ? output + moved : output);
            shift[i] = 0;
            return loss;
        }

        return [.. Enumerable.Range(0, shift.Length).Select(i => (At(i, Step) - At(i, -Step)) / (2 * Step))];
    }
}
