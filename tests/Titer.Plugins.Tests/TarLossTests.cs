using Titer.Defenses.Tar;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Plugins.Tests;

/// <summary>Terms of TAR, each once more by its formula in float64, on a small random model.</summary>
public sealed class TarLossTests
{
    private const double Tolerance = 1e-9;

    [Fact]
    public void Tars_entropy_is_that_of_the_next_token_in_front_of_answer_tokens()
    {
        using var model = DefendedTiny.Model();
        using var scope = torch.NewDisposeScope();
        var harmful = DefendedTiny.Data.Pairs.Batch([0, 3, 5]).Harmful;

        var loss = TarLoss.MaxEntropy(model, harmful).item<double>();

        var entropy = DefendedTiny.MeanOverLabels(model, harmful, (log, _) => -log.Sum(l => Math.Exp(l) * l));
        Assert.Equal(-entropy, loss, Tolerance);
        Assert.InRange(entropy, 0.1, Math.Log(model.Shape.Vocabulary));
    }

    [Fact]
    public void Tars_preference_is_measured_against_the_subject_in_sums_over_answers()
    {
        using var model = DefendedTiny.Model(seed: 2);
        using var subject = DefendedTiny.Model(seed: 1);
        using var scope = torch.NewDisposeScope();
        var pairs = DefendedTiny.Data.Pairs.Batch([1, 4]);
        var weights = DefendedTiny.Values(model.Arena.Flat);

        var loss = TarLoss.Dpo(model, pairs, subject.Arena.Flat).item<double>();

        Assert.Equal(weights, DefendedTiny.Values(model.Arena.Flat));
        double Margin(CausalLanguageModel of, int row) => AnswerLog(of, pairs.Refusal, row) - AnswerLog(of, pairs.Harmful, row);
        var byHand = Enumerable.Range(0, 2).Average(row => Math.Log(1 + Math.Exp(-0.1 * (Margin(model, row) - Margin(subject, row)))));
        Assert.Equal(byHand, loss, Tolerance);
        Assert.NotEqual(Math.Log(2), loss, 1e-3);
    }

    [Fact]
    public void Tar_holds_benign_answers_and_the_hidden_states_of_benign_chat()
    {
        using var model = DefendedTiny.Model(seed: 2);
        using var subject = DefendedTiny.Model(seed: 1);
        using var scope = torch.NewDisposeScope();
        var benign = Uneven();

        var loss = TarLoss.Retain(model, benign, subject.Arena.Flat).item<double>();

        var (now, before) = (new PlainStates(model, benign), new PlainStates(subject, benign));
        Assert.Equal(3, now.Layers);
        // Two tokens of padding are left out.
        Assert.Equal(now.Rows * now.Time - 2, now.Tokens.Count());
        var moved = Enumerable.Range(0, 3)
            .Average(layer => now.Tokens.Average(t => PlainStates.Distance(now.At(layer, t.Row, t.Time), before.At(layer, t.Row, t.Time))));
        Assert.Equal(DefendedTiny.CrossEntropy(model, benign) + moved, loss, Tolerance);
        var untouched = TarLoss.Retain(subject, benign, subject.Arena.Flat);
        Assert.Equal(DefendedTiny.CrossEntropy(subject, benign), untouched.item<double>(), Tolerance);
        // A distance of nothing has a slope of nothing, not one that is no number.
        untouched.backward();
        Assert.True(double.IsFinite(subject.Arena.GradientNorm()));
    }

    [Fact]
    public void Tar_maps_harmful_states_to_the_random_vectors_of_their_tokens()
    {
        using var model = DefendedTiny.Model();
        using var scope = torch.NewDisposeScope();
        var harmful = Uneven();
        var random = new Random(3);
        double[] vectors = [.. Enumerable.Range(0, 40 * 24).Select(_ => random.NextDouble() - 0.5)];

        var loss = TarLoss.RandomMapping(model, harmful, torch.tensor(vectors, [40, 24])).item<double>();

        var states = new PlainStates(model, harmful);
        var byHand = Enumerable.Range(0, 3).Average(layer => states.Tokens.Average(t =>
        {
            var id = (int)states.Ids[t.Row * states.Time + t.Time];
            return 1 - Math.Abs(PlainStates.Cosine(states.At(layer, t.Row, t.Time), vectors[(id * 24)..((id + 1) * 24)]));
        }));
        Assert.Equal(byHand, loss, Tolerance);
    }

    [Fact]
    public void Tar_adds_up_slopes_along_a_simulated_attack_the_later_ones_weigh_more()
    {
        const double Rate = 1e-2;
        using var model = DefendedTiny.Model();
        using var attacked = DefendedTiny.Model();
        using var scope = torch.NewDisposeScope();
        TokenBatch[] attack = [.. Enumerable.Range(0, 4).Select(i => DefendedTiny.Data.Pairs.Batch([i, i + 1]).Harmful)];
        var held = DefendedTiny.Data.Pairs.Batch([6, 7]).Harmful;
        var start = DefendedTiny.Values(model.Arena.Flat);
        double[][] directions = [DefendedTiny.Direction(model, 1), DefendedTiny.Direction(model, 2)];
        var expected = new double[2];
        // AdamW, checked against its formula elsewhere, plays the attack; entropies along it are by hand.
        using (var optimizer = new AdamW(attacked.Arena, Rate))
        {
            for (var i = 0; i < 4; i++)
            {
                attacked.Arena.ZeroGradients();
                FineTuner.SupervisedLoss(attacked, attack[i]).backward();
                optimizer.Step();
                if (i % 2 == 0) continue;
                for (var d = 0; d < 2; d++)
                {
                    var slope = DefendedTiny.Slope(attacked, directions[d],
                        () => DefendedTiny.MeanOverLabels(attacked, held, (log, _) => log.Sum(l => Math.Exp(l) * l)));
                    expected[d] += Math.Exp(0.5 * (i - 3)) * slope;
                }
            }
        }

        var gradient = DefendedTiny.Values(Tar.TamperGradient(model, i => attack[i], () => TarLoss.MaxEntropy(model, held), Rate,
            new TarOptions(InnerLoopSteps: 4, InnerLoopSubsample: 2, ScheduleLambda: 0.5)));

        Assert.Equal(start, DefendedTiny.Values(model.Arena.Flat));
        for (var d = 0; d < 2; d++) Assert.Equal(expected[d], DefendedTiny.Dot(gradient, directions[d]), 1e-6);
    }

    /// <summary>Chats of 5 and of 3 tokens.</summary>
    private static TokenBatch Uneven() => DefendedTiny.Data.Benign.Of(
        [new TokenizedExample("a", "d", [1, 5, 6, 7, 2], 2), new TokenizedExample("b", "d", [1, 9, 2], 2)]).Batch([0, 1]);

    /// <summary>Sum of log p over one row's answer.</summary>
    private static double AnswerLog(CausalLanguageModel model, TokenBatch batch, int row)
    {
        using var scope = torch.NewDisposeScope();
        var one = new TokenBatch(batch.InputIds.narrow(0, row, 1), batch.Labels.narrow(0, row, 1).contiguous());
        var count = one.Labels.data<long>().Count(label => label != TokenBatch.IgnoredLabel);
        return -count * DefendedTiny.CrossEntropy(model, one);
    }
}
