using Titer.Defenses.Triplet;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Plugins.Tests;

/// <summary>Terms of Triplet in both published forms, each once more by its formula in float64, on a small random model.</summary>
public sealed class TripletLossTests
{
    private const double Tolerance = 1e-9;

    [Theory]
    [InlineData(TripletForm.Released, 2.0, 3.0)]
    [InlineData(TripletForm.TamperBench, 0.3, 0.5)]
    public void Benign_states_are_held_and_harmful_ones_pushed_together_and_away(TripletForm form, double marginBenign, double marginHarmful)
    {
        var run = new Trained();
        using var model = run.Model;
        using var adapter = run.Adapter;
        using var scope = torch.NewDisposeScope();
        var (held, harmful) = (run.Held, run.Harmful);
        var (benignNow, harmfulNow) = (new PlainStates(model, held), new PlainStates(model, harmful));
        using var before = DefendedTiny.Model();
        var (benignBefore, harmfulBefore) = (new PlainStates(before, held), new PlainStates(before, harmful));

        double Loss(double alpha, double beta, double gamma) => TripletLoss.Compute(model, adapter, held, harmful, held,
            new TripletOptions(form, Alpha: alpha, Beta: beta, Gamma: gamma, MarginBenign: marginBenign, MarginHarmful: marginHarmful))
            .item<double>();

        // Two blocks: states 0 to 2, the harmful triplets are at 0.625 * 2 = 1 alone, before the last one.
        int[] benignLayers = form == TripletForm.Released ? [0, 1, 2] : [1];
        double[] Center(int layer)
        {
            (int Row, int Time)[] places = [.. harmfulNow.Answers];
            return [.. Enumerable.Range(0, 24).Select(i => places.Average(p => harmfulNow.At(layer, p.Row, p.Time)[i]))];
        }

        var benign = benignLayers.Average(layer => benignNow.Answers.Average(p =>
        {
            var (now, was) = (benignNow.At(layer, p.Row, p.Time), benignBefore.At(layer, p.Row, p.Time));
            var moved = form == TripletForm.Released ? PlainStates.Distance(now, was) : 1 - PlainStates.Cosine(now, was);
            return Math.Max(0, moved - (1 - PlainStates.Cosine(now, Center(layer))) + marginBenign);
        }));
        var pushed = harmfulNow.Answers.Average(p =>
        {
            var (now, was) = (harmfulNow.At(1, p.Row, p.Time), harmfulBefore.At(1, p.Row, p.Time));
            return Math.Max(0, 1 - PlainStates.Cosine(now, Center(1)) - (1 - PlainStates.Cosine(now, was)) + marginHarmful);
        });
        Assert.Equal(benign, Loss(1, 0, 0), Tolerance);
        Assert.Equal(pushed, Loss(0, 1, 0), Tolerance);
        Assert.True(benign > 0 && pushed > 0);
        Assert.Equal(0.5 * benign + 0.6 * pushed + 0.7 * Loss(0, 0, 1), Loss(0.5, 0.6, 0.7), Tolerance);
    }

    [Theory]
    [InlineData(TripletForm.Released)]
    [InlineData(TripletForm.TamperBench)]
    public void The_next_token_of_benign_chat_is_held_in_both_forms(TripletForm form)
    {
        var run = new Trained();
        using var model = run.Model;
        using var adapter = run.Adapter;
        using var before = DefendedTiny.Model();
        using var scope = torch.NewDisposeScope();
        var temperature = form == TripletForm.Released ? 2.0 : 1.0;
        double[][] Softened(CausalLanguageModel of) => [.. DefendedTiny.Values(of.Forward(run.Held.InputIds)).Chunk(40).Select(row =>
        {
            var normalizer = Math.Log(row.Sum(x => Math.Exp(x / temperature)));
            return row.Select(x => x / temperature - normalizer).ToArray();
        })];

        var loss = TripletLoss.Compute(model, adapter, run.Held, run.Harmful, run.Held, new TripletOptions(form, Alpha: 0, Beta: 0, Gamma: 1))
            .item<double>();

        var (p, q) = (Softened(before), Softened(model));
        var tokens = new PlainStates(model, run.Held);
        (int Row, int Time)[] places = [.. tokens.Tokens];
        Assert.Equal(2 * 5 - 2, places.Length);
        var sum = places.Sum(place =>
        {
            var at = place.Row * tokens.Time + place.Time;
            return p[at].Zip(q[at], (a, b) => Math.Exp(a) * (a - b)).Sum();
        });
        Assert.Equal(form == TripletForm.Released ? sum * 4 / 2 : sum / places.Length, loss, Tolerance);
        Assert.True(loss > 1e-6);
    }

    [Fact]
    public void Layers_are_a_part_of_the_depth_as_20_of_32_without_the_last()
    {
        Assert.Equal((20, 12), TripletLoss.Layers(32, 0.625));
        Assert.Equal((1, 1), TripletLoss.Layers(2, 0.625));
        Assert.Equal((0, 1), TripletLoss.Layers(1, 0.625));
    }

    /// <summary>A model with factors that are no longer zero.</summary>
    private sealed class Trained
    {
        public Trained()
        {
            using var random = new SeededRandom(7, torch.CPU);
            Adapter = LoraAdapter.Attach(Model, new LoraOptions { Rank = 4, Alpha = 4 }, random);
            using var noGrad = torch.no_grad();
            using var scope = torch.NewDisposeScope();
            var numbers = new Random(9);
            Adapter.Arena.Flat.copy_(torch.tensor(Enumerable.Range(0, (int)Adapter.Arena.Count).Select(_ => numbers.NextDouble() - 0.5).ToArray()));
        }

        public CausalLanguageModel Model { get; } = DefendedTiny.Model();

        public LoraAdapter Adapter { get; }

        public TokenBatch Held { get; } = DefendedTiny.Data.Benign.Of(
            [new TokenizedExample("a", "d", [1, 5, 6, 7, 2], 2), new TokenizedExample("b", "d", [1, 9, 2], 2)]).Batch([0, 1]);

        public TokenBatch Harmful { get; } = DefendedTiny.Data.Pairs.Batch([0, 2, 6]).Harmful;
    }
}
