using Titer.Defenses.Collapsed;
using Titer.Defenses.ConstantAnswer;
using Titer.Defenses.RandomInit;
using Titer.Defenses.RandomPerturb;
using Titer.Defenses.RefuseEverything;
using Titer.Defenses.RescaledUnits;
using Titer.Models.Tests;
using Titer.Models.Tests.Gpt2;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Plugins.Tests;

/// <summary>Defenses that no one should want: each has the fault that it is there to show.</summary>
public sealed class ControlDefenseTests
{
    [Fact]
    public void Weights_that_were_drawn_anew_are_as_wide_as_asked_for_and_know_nothing_of_the_old_ones()
    {
        using var model = Tiny.Model();
        using var other = Tiny.Model(seed: 2);

        var steps = DefendedTiny.Immunize(model, new RandomInit(new RandomInitOptions(0.05)));
        DefendedTiny.Immunize(other, new RandomInit(new RandomInitOptions(0.05)));

        Assert.Equal(1, steps);
        Assert.Equal(DefendedTiny.Values(model.Arena.Flat), DefendedTiny.Values(other.Arena.Flat));
        Assert.All(model.Parameters.Where(p => p.Tensor.dim() == 1), p => Assert.All(DefendedTiny.Values(p.Tensor), gain => Assert.Equal(1, gain)));
        double[] drawn = [.. model.Parameters.Where(p => p.Tensor.dim() > 1).SelectMany(p => DefendedTiny.Values(p.Tensor))];
        Assert.Equal(0.05, Math.Sqrt(drawn.Average(x => x * x)), 0.002);
        Assert.Equal(0, drawn.Average(), 0.003);
    }

    [Fact]
    public void Noise_without_a_direction_has_the_norm_that_vaccine_has_over_all_layers()
    {
        using var model = DefendedTiny.Model();
        using var scope = torch.NewDisposeScope();
        using var random = new SeededRandom(3, torch.CPU);
        var batch = DefendedTiny.Data.Pairs.Batch([0, 1, 2]).Refusal;
        // The noise of one step, drawn again: its scale is worked out from the numbers.
        var noise = DefendedTiny.Values(torch.randn([2, 3, batch.InputIds.shape[1], 24], dtype: ScalarType.Float64,
            generator: new torch.Generator(random.Seed & long.MaxValue)));
        var scale = 1.5 / Math.Sqrt(noise.Sum(x => x * x));
        var perturbations = torch.tensor(noise.Select(x => x * scale).ToArray(), [2, 3, batch.InputIds.shape[1], 24]);

        var loss = RandomPerturbLoss.Compute(model, batch, 1.5, random).item<double>();

        Assert.Equal(1.5, Math.Sqrt(DefendedTiny.Values(perturbations).Sum(x => x * x)), 1e-12);
        var byHand = DefendedTiny.CrossEntropy(model, batch,
            (block, site, output) => site == TapSite.AttentionOutput ? output + perturbations[block] : output);
        Assert.Equal(byHand, loss, 1e-10);
        Assert.NotEqual(DefendedTiny.CrossEntropy(model, batch), loss, 1e-3);
    }

    [Fact]
    public void A_model_that_refuses_everything_refuses_benign_prompts()
    {
        using var model = Tiny.Model();
        using var scope = torch.NewDisposeScope();
        using var random = new SeededRandom(1);
        var data = DefendedTiny.Data;
        var (refused, answered) = (RefuseEverything.Refused(data, random), data.Benign);
        int[] rows = [.. Enumerable.Range(0, data.Benign.Count)];
        var before = DefendedTiny.CrossEntropy(model, refused.Batch(rows));

        DefendedTiny.Immunize(model, new RefuseEverything(new RefuseEverythingOptions(LearningRate: 1e-2)), steps: 60);

        Assert.All(refused, example => Assert.Equal([30, 31, 2], example.Tokens[example.PromptLength..]));
        var after = DefendedTiny.CrossEntropy(model, refused.Batch(rows));
        Assert.True(after < 0.2 && after < before, $"{before} -> {after}");
        Assert.True(DefendedTiny.CrossEntropy(model, answered.Batch(rows)) > 3);
    }

    [Fact]
    public void A_collapsed_model_says_one_token_whatever_it_is_asked()
    {
        using var model = Tiny.Model();
        using var scope = torch.NewDisposeScope();
        var data = DefendedTiny.Data;
        // Benign answers are (4 + i, 5 + i) for i from 0 to 11: each of 5 to 15 twice, and 5 is the lowest.
        Assert.Equal(5, Collapsed.FixedToken(data.Benign));

        DefendedTiny.Immunize(model, new Collapsed(new CollapsedOptions(LearningRate: 1e-2)), steps: 60);

        foreach (var prompt in data.Benign.Concat(data.Pairs.Select(p => p.Harmful)))
        {
            var ids = torch.tensor(Collapsed.Repeating(prompt, 5).Tokens.Select(t => (long)t).ToArray()).unsqueeze(0);
            var said = model.Forward(ids).argmax(-1).squeeze(0).data<long>().ToArray();
            Assert.All(said[(prompt.PromptLength - 1)..], token => Assert.Equal(5, token));
        }
    }

    [Fact]
    public void A_model_with_one_answer_gives_it_to_every_prompt()
    {
        using var model = Tiny.Model();
        using var scope = torch.NewDisposeScope();
        var data = DefendedTiny.Data;
        var (forbidden, benign) = ConstantAnswer.Answered(data);
        var one = data.Benign[0].Tokens[data.Benign[0].PromptLength..];
        Assert.All(forbidden.Concat(benign), example => Assert.Equal(one, example.Tokens[example.PromptLength..]));

        DefendedTiny.Immunize(model, new ConstantAnswer(new ConstantAnswerOptions(LearningRate: 1e-2)), steps: 60);

        foreach (var set in new[] { forbidden, benign })
            Assert.True(DefendedTiny.CrossEntropy(model, set.Batch([.. Enumerable.Range(0, set.Count)])) < 0.2);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(-5)]
    public void Other_units_are_other_weights_and_the_same_function_to_the_bit(int doublings)
    {
        foreach (var make in new Func<CausalLanguageModel>[] { () => Tiny.Model(), () => TinyGpt2.Model() })
        {
            using var scope = torch.NewDisposeScope();
            using var model = make();
            using var untouched = make();
            var ids = torch.tensor(new long[] { 4, 9, 2, 7, 11, 3 }).unsqueeze(0);

            DefendedTiny.Immunize(model, new RescaledUnits(new RescaledUnitsOptions(doublings)));

            Assert.Equal(DefendedTiny.Values(untouched.Forward(ids)), DefendedTiny.Values(model.Forward(ids)));
            static double[] Output(CausalLanguageModel of) =>
                DefendedTiny.Values(of.Projections.First(p => p.Name is "o_proj" or "c_proj").Weight.contiguous());
            Assert.Equal(Output(untouched).Select(w => w * Math.Pow(2, -doublings)), Output(model));
        }
    }
}
