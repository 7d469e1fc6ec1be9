using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Sdk.Tests.Training;

/// <summary>Against each paper's algorithm, written out in double precision, one number at a time.</summary>
public sealed class OptimizerTests
{
    private const int Rows = 3;
    private const int Columns = 4;
    private const int Length = 5;
    private const double Rate = 0.01;
    private const double Decay = 0.1;

    [Fact]
    public void AdamW_follows_its_algorithm()
    {
        var (m, v) = (new double[Rows * Columns + Length], new double[Rows * Columns + Length]);
        Follows(arena => new AdamW(arena, Rate, Decay), (w, g, t) =>
        {
            for (var i = 0; i < w.Length; i++)
            {
                (m[i], v[i]) = (0.9 * m[i] + 0.1 * g[i], 0.999 * v[i] + 0.001 * g[i] * g[i]);
                w[i] -= Rate * (m[i] / (1 - Math.Pow(0.9, t)) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.999, t))) + 1e-8) + Decay * w[i]);
            }
        });
    }

    [Fact]
    public void Gradient_descent_with_momentum_follows_its_algorithm()
    {
        var velocity = new double[Rows * Columns + Length];
        Follows(arena => new Sgd(arena, Rate, momentum: 0.9, Decay), (w, g, _) =>
        {
            for (var i = 0; i < w.Length; i++) w[i] -= Rate * (velocity[i] = 0.9 * velocity[i] + g[i] + Decay * w[i]);
        });
    }

    [Fact]
    public void Lion_follows_its_algorithm()
    {
        var momentum = new double[Rows * Columns + Length];
        Follows(arena => new Lion(arena, Rate, Decay), (w, g, _) =>
        {
            for (var i = 0; i < w.Length; i++)
            {
                w[i] -= Rate * (Math.Sign(0.9 * momentum[i] + 0.1 * g[i]) + Decay * w[i]);
                momentum[i] = 0.99 * momentum[i] + 0.01 * g[i];
            }
        });
    }

    /// <summary>Whole, and in pieces of one row and of two.</summary>
    [Theory]
    [InlineData(1 << 22)]
    [InlineData(Columns)]
    [InlineData(2 * Columns + 1)]
    public void Adafactor_follows_its_algorithm_for_matrices_and_vectors(long chunk)
    {
        var (rows, columns, vector) = (new double[Rows], new double[Columns], new double[Length]);
        Follows(arena => new Adafactor(arena, Rate, Decay) { ChunkSize = chunk }, (w, g, t) =>
        {
            var keep = 1 - Math.Pow(t, -0.8);
            double Square(int r, int c) => g[r * Columns + c] * g[r * Columns + c] + 1e-30;
            for (var r = 0; r < Rows; r++) rows[r] = keep * rows[r] + (1 - keep) * Enumerable.Range(0, Columns).Average(c => Square(r, c));
            for (var c = 0; c < Columns; c++) columns[c] = keep * columns[c] + (1 - keep) * Enumerable.Range(0, Rows).Average(r => Square(r, c));
            for (var i = 0; i < Length; i++) vector[i] = keep * vector[i] + (1 - keep) * (g[Rows * Columns + i] * g[Rows * Columns + i] + 1e-30);
            // Equation 4: V = R C / (1' R), here with means in place of sums.
            var matrix = Enumerable.Range(0, Rows * Columns).Select(i => g[i] / Math.Sqrt(rows[i / Columns] * columns[i % Columns] / rows.Average()))
                .ToArray();
            var rest = Enumerable.Range(0, Length).Select(i => g[Rows * Columns + i] / Math.Sqrt(vector[i])).ToArray();
            Apply(w.AsSpan(0, Rows * Columns), matrix);
            Apply(w.AsSpan(Rows * Columns), rest);
        });

        static void Apply(Span<double> weights, double[] change)
        {
            var size = Math.Sqrt(change.Average(c => c * c));
            for (var i = 0; i < weights.Length; i++) weights[i] -= Rate * (change[i] / Math.Max(1, size) + Decay * weights[i]);
        }
    }

    [Theory]
    [InlineData(LowPrecisionUpdate.MasterWeights)]
    [InlineData(LowPrecisionUpdate.StochasticRounding)]
    public void Changes_too_small_for_bfloat16_add_up(LowPrecisionUpdate update)
    {
        // 400 steps of 1/2000 on weights of 1, whose neighbors below are 1/256 away: rounding to the nearest would never move.
        using var arena = new ParameterArena([("w", [4096])], torch.CPU, ScalarType.BFloat16);
        using var random = new SeededRandom(1, torch.CPU);
        using var scope = torch.NewDisposeScope();
        using (torch.no_grad())
        {
            arena.Flat.fill_(1);
            arena.FlatGradient.fill_(1);
        }

        using var optimizer = new Sgd(arena, 1.0 / 2000) { LowPrecision = update, Random = random };
        for (var step = 0; step < 400; step++) optimizer.Step();

        Assert.Equal(0.8, arena.Flat.to(ScalarType.Float32).mean().item<float>(), 2e-3);
    }

    [Fact]
    public void Stochastic_rounding_gives_neighbors_whose_mean_is_right()
    {
        using var scope = torch.NewDisposeScope();
        using var random = new SeededRandom(5, torch.CPU);
        foreach (var value in new[] { 1.001f, -1.0013f, 0.9999f, 3e-20f, -7.77e20f, 1f, 0f, 0.3f })
        {
            var rounded = LowPrecisionWeights.Round(torch.full([200_000], value), random);

            Assert.True(rounded.eq(rounded.to(ScalarType.BFloat16).to(ScalarType.Float32)).all().item<bool>());
            var distinct = rounded.unique().output.data<float>().ToArray();
            Assert.InRange(distinct.Length, 1, 2);
            // Standard error of the mean: at most half the distance of neighbors / sqrt(n), that is 2^-8 / 2 / 447 of the value.
            Assert.Equal(value, rounded.to(ScalarType.Float64).mean().item<double>(), Math.Abs(value) * 5e-5);
        }
    }

    [Fact]
    public void What_somebody_wrote_to_a_weight_between_steps_counts()
    {
        using var arena = new ParameterArena([("w", [3])], torch.CPU, ScalarType.BFloat16);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        arena.FlatGradient.fill_(1);
        using var optimizer = new Sgd(arena, 0.25);
        optimizer.Step();
        arena.Flat[1] = 8;
        optimizer.Step();

        Assert.Equal([-0.5f, 7.75f, -0.5f], arena.Flat.to(ScalarType.Float32).data<float>().ToArray());
    }

    [Fact]
    public void Stochastic_rounding_without_a_source_of_randomness_is_refused()
    {
        using var arena = new ParameterArena([("w", [3])], torch.CPU, ScalarType.BFloat16);
        using var optimizer = new Sgd(arena, 0.25) { LowPrecision = LowPrecisionUpdate.StochasticRounding };

        Assert.StartsWith("TITER311", Assert.Throws<ArgumentException>(optimizer.Step).Message, StringComparison.Ordinal);
    }

    private static void Follows(Func<ParameterArena, Optimizer> make, Action<double[], double[], int> algorithm)
    {
        using var arena = new ParameterArena([("matrix", [Rows, Columns]), ("vector", [Length])], torch.CPU, ScalarType.Float32);
        var random = new Random(7);
        double[] Numbers() => [.. Enumerable.Range(0, (int)arena.Count).Select(_ => (double)(float)(random.NextDouble() * 2 - 1))];
        var expected = Numbers();
        Write(arena.Flat, expected);
        using var optimizer = make(arena);
        for (var step = 1; step <= 6; step++)
        {
            var gradient = Numbers();
            Write(arena.FlatGradient, gradient);
            optimizer.Step();
            algorithm(expected, gradient, step);
        }

        Assert.All(expected.Zip(arena.Flat.data<float>()), pair => Assert.Equal(pair.First, pair.Second, 2e-6));
    }

    private static void Write(Tensor target, double[] values)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        target.copy_(torch.tensor(values));
    }
}
