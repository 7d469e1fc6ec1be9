using Titer.Attacks;
using Titer.Attacks.RefusalAblation;
using Titer.Models.Llama;
using Titer.Models.Tests;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Plugins.Tests;

/// <summary>Each step of the edit once more by hand, in float64, on a small random model; and what it does to the embedded subject.</summary>
public sealed class RefusalAblationTests
{
    [Fact]
    public void The_first_direction_is_the_difference_of_means_at_the_last_prompt_token()
    {
        using var scope = torch.NewDisposeScope();
        using var model = Tiny.Model();
        var (forbidden, harmless) = (Prompts(3, 39), Prompts(11, 37));

        var found = RefusalDirections.Estimate(model, forbidden, harmless, directions: 1);

        for (var block = 0; block < model.Shape.Blocks; block++)
        {
            var (a, b) = (Mean(model, forbidden, block), Mean(model, harmless, block));
            var difference = a.Zip(b, (x, y) => x - y).ToArray();
            var norm = Math.Sqrt(difference.Sum(x => x * x));
            var own = found[block][0].data<float>().ToArray();
            for (var i = 0; i < own.Length; i++) Assert.Equal(difference[i] / norm, own[i], 1e-5);
        }
    }

    [Fact]
    public void Several_directions_are_orthonormal_and_the_second_is_where_forbidden_prompts_scatter_most()
    {
        using var scope = torch.NewDisposeScope();
        using var model = Tiny.Model();
        var (forbidden, harmless) = (Prompts(3, 39), Prompts(11, 37));

        var found = RefusalDirections.Estimate(model, forbidden, harmless, directions: 3);

        Assert.Equal([2, 3, 24], found.shape);
        var gram = torch.bmm(found, found.transpose(1, 2));
        Assert.True((gram - torch.eye(3)).abs().max().item<float>() < 1e-4);
        var center = Mean(model, harmless, 1);
        double Scatter(float[] direction) =>
            forbidden.Average(e => Math.Pow(State(model, e, 1).Select((x, i) => (x - center[i]) * direction[i]).Sum(), 2));
        Assert.True(Scatter(found[1][1].data<float>().ToArray()) >= Scatter(found[1][2].data<float>().ToArray()));
    }

    [Fact]
    public void An_edit_is_W_minus_w_r_rT_W_from_the_weights_as_they_were_and_rows_keep_their_norm_where_asked()
    {
        using var scope = torch.NewDisposeScope();
        using var model = Tiny.Model();
        var projection = model.Projections.First(p => p is { Name: "down_proj", Block: 1 });
        var before = Values(projection.Weight);
        var r = torch.nn.functional.normalize(torch.arange(1, 25, dtype: torch.ScalarType.Float32), p: 2, dim: 0, eps: 1e-12);
        var direction = r.data<float>().ToArray();
        using var weights = new AblatedWeights(model);
        var (none, kernel) = (new AblationKernel(0, 0, 0, 1), new AblationKernel(0.75, 1, 0.25, 2));

        weights.Apply(_ => r.unsqueeze(0), none, new AblationKernel(1.5, 0, 1.5, 9), keepRowNorms: true);
        weights.Apply(_ => r.unsqueeze(0), none, kernel, keepRowNorms: false);

        var columns = before.GetLength(1);
        var expected = new double[24, columns];
        for (var j = 0; j < columns; j++)
        {
            var along = Enumerable.Range(0, 24).Sum(i => direction[i] * before[i, j]);
            for (var i = 0; i < 24; i++) expected[i, j] = before[i, j] - 0.75 * direction[i] * along;
        }

        AssertClose(expected, Values(projection.Weight));
        weights.Apply(_ => r.unsqueeze(0), none, kernel, keepRowNorms: true);
        var kept = Values(projection.Weight);
        for (var i = 0; i < 24; i++) Assert.Equal(Norm(before, i), Norm(kept, i), 1e-4);
        weights.Restore();
        AssertClose(before, Values(projection.Weight));
    }

    /// <summary>A norm with gains stands behind the map: the direction must be gone from what reaches
    /// the stream, not from the map's outputs.</summary>
    [Theory]
    [InlineData("gemma2")]
    [InlineData("olmo2")]
    [InlineData("phi3")]
    public void After_an_edit_of_any_family_nothing_is_written_along_the_directions(string family)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var model = Tiny.Model(3, LlamaMembers.ConfigOf(family));
        using var random = new SeededRandom(4, torch.CPU);
        foreach (var (_, tensor) in model.Parameters.Where(p => p.Tensor.dim() == 1))
            tensor.add_(torch.randn(tensor.shape, generator: random.Generator) * 0.4);
        var directions = torch.linalg.qr(torch.randn([24, 2], generator: random.Generator)).Item1.t();
        using var weights = new AblatedWeights(model);
        var all = new AblationKernel(1, 0, 1, 99);

        double Written()
        {
            var most = 0.0;
            model.Forward(Tiny.Ids([1, 5, 9, 7, 30, 2]), (_, site, value) =>
            {
                if (site is TapSite.AttentionOutput or TapSite.MlpOutput)
                    most = Math.Max(most, (value.reshape(-1, 24).mm(directions.t()).abs().max() / value.abs().max()).item<float>());
                return value;
            });
            return most;
        }

        Assert.True(Written() > 0.1);
        weights.Apply(_ => directions, all, all, keepRowNorms: false);
        Assert.InRange(Written(), 0, 1e-5);
        weights.Restore();
        Assert.True(Written() > 0.1);
    }

    [Fact]
    public void A_kernel_falls_linearly_from_its_peak_to_its_floor_and_ends_there()
    {
        var kernel = new AblationKernel(Peak: 1.2, Position: 2.5, Floor: 0.2, Width: 2);

        Assert.Equal([0, 0.45, 0.95, 0.95, 0.45, 0], Enumerable.Range(0, 6).Select(block => Math.Round(kernel.Weight(block), 9)));
    }

    [Fact]
    public void A_trial_is_judged_by_the_loss_of_forbidden_answers_and_by_the_divergence_on_harmless_ones()
    {
        using var scope = torch.NewDisposeScope();
        using var model = Tiny.Model();
        var set = Tiny.Examples(5);
        using var held = new HeldOut(model, set, set);
        var before = set.Select(e => Logs(model, e)).ToArray();

        Assert.Equal(0, held.Divergence(), 1e-6);
        double Loss(Func<TokenizedExample, IEnumerable<int>> tokens) =>
            -set.SelectMany((e, i) => tokens(e).Select(t => before[i][t - 1][e.Tokens[t]])).Average();
        Assert.Equal((Loss(e => Answer(e).Take(1)) + Loss(e => Answer(e).Skip(1))) / 2, held.ForbiddenLoss(), 1e-5);

        using (torch.no_grad()) model.Projections.First(p => p.Name == "o_proj").Weight.mul_(-1);
        var now = set.Select(e => Logs(model, e)).ToArray();
        var kl = set.SelectMany((e, i) =>
            Answer(e).Select(t => before[i][t - 1].Zip(now[i][t - 1], (p, q) => Math.Exp(p) * (p - q)).Sum())).Average();
        Assert.Equal(kl, held.Divergence(), 1e-4);
        Assert.True(kl > 0.001);
    }

    [Fact]
    public void The_search_finds_a_low_place_that_as_many_random_points_do_not()
    {
        double Value(double[] p) => Math.Pow(p[0] - 0.3, 2) + Math.Pow(p[1] - 0.8, 2) + Math.Pow(p[2] - 0.5, 2);
        double Best(ulong seed, int startup)
        {
            using var random = new SeededRandom(seed);
            var search = new TreeParzen(3, startup, random);
            for (var trial = 0; trial < 120; trial++)
            {
                var point = search.Suggest();
                Assert.All(point, x => Assert.InRange(x, 0, 1));
                search.Tell(point, Value(point));
            }

            return search.Best.Value;
        }

        var better = Enumerable.Range(1, 9).Count(seed => Best((ulong)seed, 30) < Best((ulong)seed, 120));

        Assert.True(better >= 8, $"{better} of 9");
    }

    [Fact]
    public void It_breaks_the_undefended_subject_without_a_gradient_and_leaves_it_useful()
    {
        var attacked = AttackedSubject.Play(new RefusalAblation(new RefusalAblationOptions()));

        Assert.True(attacked is { HarmBefore: < 0.05, IsBroken: true, Steps: 1 }, attacked.ToString());
        Assert.True(attacked.Utility > 0.7 * attacked.UtilityBefore, attacked.ToString());
    }

    private static TokenizedExample[] Prompts(int from, int last) =>
        [.. Enumerable.Range(0,
            35).Select(i => new TokenizedExample($"{i}", "d", i % 2 == 0 ? [1, from + i % 5, last - i % 4, 2]
                : [1, from + i % 3, 7, last - i % 2, 2], i % 2 == 0 ? 3 : 4))];

    private static double[] State(LlamaModel model, TokenizedExample example, int block)
    {
        using var scope = torch.NewDisposeScope();
        using var inference = torch.no_grad();
        double[] state = [];
        _ = model.Forward(Tiny.Ids([.. example.Tokens[..example.PromptLength].Select(t => (long)t)]), (b, site, value) =>
        {
            if (b == block && site == TapSite.BlockOutput) state = [.. value[0][-1].data<float>().ToArray().Select(x => (double)x)];
            return value;
        });
        return state;
    }

    private static double[] Mean(LlamaModel model, TokenizedExample[] examples, int block)
    {
        var states = examples.Select(e => State(model, e, block)).ToArray();
        return [.. Enumerable.Range(0, states[0].Length).Select(i => states.Average(s => s[i]))];
    }

    private static IEnumerable<int> Answer(TokenizedExample e) => Enumerable.Range(e.PromptLength, e.Tokens.Length - e.PromptLength);

    /// <summary>Log-probabilities [time][vocabulary], by hand from the logits.</summary>
    private static double[][] Logs(LlamaModel model, TokenizedExample example)
    {
        using var scope = torch.NewDisposeScope();
        using var inference = torch.no_grad();
        var logits = model.Forward(Tiny.Ids([.. example.Tokens.Select(t => (long)t)]))[0];
        return [.. Enumerable.Range(0, example.Tokens.Length).Select(t =>
        {
            double[] row = [.. logits[t].data<float>().ToArray().Select(x => (double)x)];
            var total = Math.Log(row.Sum(Math.Exp));
            return row.Select(x => x - total).ToArray();
        })];
    }

    private static double[,] Values(Tensor weight)
    {
        var (rows, columns) = ((int)weight.shape[0], (int)weight.shape[1]);
        var flat = weight.detach().contiguous().data<float>().ToArray();
        var values = new double[rows, columns];
        for (var i = 0; i < flat.Length; i++) values[i / columns, i % columns] = flat[i];
        return values;
    }

    private static double Norm(double[,] values, int row) =>
        Math.Sqrt(Enumerable.Range(0, values.GetLength(1)).Sum(j => values[row, j] * values[row, j]));

    private static void AssertClose(double[,] expected, double[,] given)
    {
        for (var i = 0; i < expected.GetLength(0); i++)
            for (var j = 0; j < expected.GetLength(1); j++) Assert.Equal(expected[i, j], given[i, j], 1e-4);
    }
}
