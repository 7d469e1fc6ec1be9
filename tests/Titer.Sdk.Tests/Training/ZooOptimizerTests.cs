using Titer.Models.Tests;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Sdk.Tests.Training;

/// <summary>Three steps of each optimizer against its recurrence, written once more by hand in float64.</summary>
public sealed class ZooOptimizerTests
{
    private const double Rate = 0.1;
    private const double Decay = 0.01;
    private static readonly double[] Start = [0.5, -1, 2];
    private static readonly double[][] Gradients = [[0.3, -0.2, 0.1], [-0.4, 0.5, 0.6], [0.7, 0.1, -0.9]];

    [Fact]
    public void Adagrad_divides_by_the_root_of_all_squares() => Check(
        arena => new Adagrad(arena, Rate, Decay),
        (w, g, _, state) =>
        {
            g += Decay * w;
            state[0] += g * g;
            return w - Rate * g / (Math.Sqrt(state[0]) + 1e-10);
        });

    [Fact]
    public void Adadelta_steps_in_units_of_the_weights() => Check(
        arena => new Adadelta(arena, Rate, Decay),
        (w, g, _, state) =>
        {
            g += Decay * w;
            state[0] = 0.9 * state[0] + 0.1 * g * g;
            var change = Math.Sqrt((state[1] + 1e-6) / (state[0] + 1e-6)) * g;
            state[1] = 0.9 * state[1] + 0.1 * change * change;
            return w - Rate * change;
        });

    [Fact]
    public void Nesterov_looks_one_step_ahead_along_the_momentum() => Check(
        arena => new Sgd(arena, Rate, momentum: 0.9, Decay) { Nesterov = true },
        (w, g, _, state) =>
        {
            g += Decay * w;
            state[0] = 0.9 * state[0] + g;
            return w - Rate * (g + 0.9 * state[0]);
        });

    [Fact]
    public void Schedule_free_AdamW_takes_gradients_between_a_fast_sequence_and_its_mean() => Check(
        arena => new ScheduleFreeAdamW(arena, Rate, Decay),
        (y, g, t, state) =>
        {
            // 0: z, 1: x, 2: v.
            if (t == 1) (state[0], state[1]) = (y, y);
            state[2] = 0.999 * state[2] + 0.001 * g * g;
            state[0] -= Rate * (g / (Math.Sqrt(state[2] / (1 - Math.Pow(0.999, t))) + 1e-8) + Decay * y);
            state[1] = (1 - 1.0 / t) * state[1] + state[0] / t;
            return 0.1 * state[0] + 0.9 * state[1];
        });

    [Fact]
    public void Restarts_are_cosines_that_begin_at_the_top_again()
    {
        var options = new FineTunerOptions { LearningRate = 1, Schedule = LearningRateSchedule.CosineRestarts };

        Assert.Equal([1, 0.5, 1, 0.5, 1, 0.5, 1, 0.5], Enumerable.Range(0, 8).Select(t => Math.Round(LearningRates.At(options, t, 8), 9)));
    }

    [Fact]
    public void Nesterov_without_a_momentum_is_refused() => Assert.Contains("TITER310",
        Assert.Throws<ArgumentException>(() =>
            new FineTuner(new FineTunerOptions { LearningRate = 1, Optimizer = OptimizerKind.Sgd, Nesterov = true })).Message,
        StringComparison.Ordinal);

    private static void Check(Func<ParameterArena, Optimizer> create, Func<double, double, int, double[], double> step)
    {
        using var model = Tiny.Model();
        using var optimizer = create(model.Arena);
        double[] weights = [.. Start];
        double[][] states = [.. Start.Select(_ => new double[3])];
        using (torch.no_grad()) model.Arena.Flat.narrow(0, 0, Start.Length).copy_(torch.tensor(Start));
        for (var t = 1; t <= Gradients.Length; t++)
        {
            model.Arena.ZeroGradients();
            using (torch.no_grad()) model.Arena.FlatGradient.narrow(0, 0, Start.Length).copy_(torch.tensor(Gradients[t - 1]));
            optimizer.Step();
            for (var i = 0; i < weights.Length; i++) weights[i] = step(weights[i], Gradients[t - 1][i], t, states[i]);
            var own = model.Arena.Flat.narrow(0, 0, Start.Length).data<float>().ToArray();
            for (var i = 0; i < weights.Length; i++) Assert.Equal(weights[i], own[i], 2e-5);
        }
    }
}
