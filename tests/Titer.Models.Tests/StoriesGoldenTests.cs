using System.Text.Json;
using Titer.Models.Generation;
using Titer.Models.Tokenizers;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Models.Tests;

/// <summary>A real pretrained Llama (stories260K) against float64 reference values.</summary>
public sealed class StoriesGoldenTests
{
    private static JsonElement Golden => SharedFiles.RequireJson("stories260K-golden.json");

    [Fact]
    public void Tokenization_is_exact()
    {
        var golden = Golden.GetProperty("tokenization");
        var tokenizer = TokenizerReader.Read(SharedFiles.Require("stories260K-hf"));

        foreach (var item in golden.EnumerateArray())
        {
            int[] ids = [tokenizer.Control.Begin!.Value, .. tokenizer.Encode(item.GetProperty("text").GetString()!)];
            Assert.Equal(Ids(item.GetProperty("ids_with_bos")), ids);
        }

        Assert.Equal(16, golden.GetArrayLength());
    }

    [Fact]
    public void Greedy_continuations_are_exact_in_one_ragged_batch()
    {
        var golden = Golden.GetProperty("greedy").EnumerateArray().ToArray();
        using var model = Fixtures.Stories();

        var answers = TextGenerator.Greedy(
            model, [.. golden.Select(g => Ids(g.GetProperty("prompt_ids")))], golden.Max(g => g.GetProperty("new_tokens").GetInt32()), endId: -1,
            padId: 0);

        Assert.Equal(5, golden.Length);
        for (var i = 0; i < golden.Length; i++)
        {
            var expected = Ids(golden[i].GetProperty("ids"));
            Assert.Equal(expected, answers[i].Take(expected.Length));
        }
    }

    [Fact]
    public void Log_probabilities_and_last_logits_agree_to_1e_4()
    {
        using var model = Fixtures.Stories();
        foreach (var item in Golden.GetProperty("scoring").EnumerateArray())
        {
            var ids = Ids(item.GetProperty("ids"));
            var log = LogLikelihood.PerToken(model, ids);

            AssertClose(Doubles(item.GetProperty("token_logprobs")), log.Select(v => (double)v), 1e-4);
            Assert.Equal(item.GetProperty("mean_nll").GetDouble(), -log.Average(v => (double)v), 1e-5);
            using var scope = torch.NewDisposeScope();
            using var inference = torch.no_grad();
            var logits = model.Forward(torch.tensor(ids.Select(i => (long)i).ToArray(), [1, ids.Length]));
            AssertClose(Doubles(item.GetProperty("last_position_logits")), logits[0, ids.Length - 1].data<float>().Select(v => (double)v), 1e-4);
        }
    }

    [Fact]
    public void Sharded_bfloat16_weights_score_as_the_reference()
    {
        using var model = Fixtures.Stories("stories260K-hf-sharded-bf16");
        var texts = SharedFiles.RequireJson("stories260K-golden-16bit.json").GetProperty("variants").GetProperty("stories260K-hf-sharded-bf16")
            .GetProperty("texts");
        var scored = 0;
        foreach (var item in Golden.GetProperty("scoring").EnumerateArray())
        {
            if (!texts.TryGetProperty(item.GetProperty("name").GetString()!, out var expected)) continue;
            var log = LogLikelihood.PerToken(model, Ids(item.GetProperty("ids")));
            Assert.Equal(expected.GetProperty("mean_nll").GetDouble(), -log.Average(v => (double)v), 1e-5);
            scored++;
        }

        Assert.Equal(texts.EnumerateObject().Count(), scored);
    }

    [Fact]
    public void Loss_and_gradient_norms_agree()
    {
        using var model = Fixtures.Stories();
        var training = Golden.GetProperty("training");

        using var scope = torch.NewDisposeScope();
        var loss = Loss(model, training);
        model.Arena.ZeroGradients();
        loss.backward();

        Assert.Equal(training.GetProperty("loss_float64").GetDouble(), loss.item<float>(), 1e-5);
        var norms = training.GetProperty("gradient_l2_norm");
        foreach (var (name, tensor) in model.Parameters)
            AssertRelative(norms.GetProperty(name).GetDouble(), tensor.grad!.norm().item<float>(), 1e-5);
        AssertRelative(training.GetProperty("gradient_l2_norm_total").GetDouble(), model.Arena.GradientNorm(), 1e-5);
    }

    [Theory]
    [InlineData("sgd_lr0.1_losses_float64", 1e-3)]
    [InlineData("adamw_lr1e-3_b0.9_0.999_eps1e-8_wd0.01_losses_float64", 1e-5)]
    public void Optimizer_steps_give_the_reference_losses(string key, double tolerance)
    {
        using var model = Fixtures.Stories();
        var training = Golden.GetProperty("training");
        var expected = Doubles(training.GetProperty(key));
        using Optimizer optimizer = key.StartsWith("sgd", StringComparison.Ordinal)
            ? new Sgd(model.Arena, 0.1)
            : new AdamW(model.Arena, 1e-3, weightDecay: 0.01);

        var losses = new List<double>();
        for (var step = 0; step < expected.Length; step++)
        {
            using var scope = torch.NewDisposeScope();
            model.Arena.ZeroGradients();
            var loss = Loss(model, training);
            losses.Add(loss.item<float>());
            loss.backward();
            optimizer.Step();
        }

        AssertClose(expected, losses, tolerance);
    }

    private static Tensor Loss(CausalLanguageModel model, JsonElement training)
    {
        var input = Matrix(training.GetProperty("batch_input_ids"));
        var target = Matrix(training.GetProperty("batch_target_ids"));
        var logits = model.Forward(input);
        return torch.nn.functional.cross_entropy(logits.view(-1, logits.shape[2]), target.view(-1));
    }

    private static Tensor Matrix(JsonElement rows)
    {
        var ids = rows.EnumerateArray().Select(Ids).ToArray();
        return torch.tensor(ids.SelectMany(r => r).Select(i => (long)i).ToArray(), [ids.Length, ids[0].Length]);
    }

    private static int[] Ids(JsonElement list) => [.. list.EnumerateArray().Select(e => e.GetInt32())];

    private static double[] Doubles(JsonElement list) => [.. list.EnumerateArray().Select(e => e.GetDouble())];

    private static void AssertClose(double[] expected, IEnumerable<double> actual, double tolerance)
    {
        var values = actual.ToArray();
        Assert.NotEmpty(expected);
        Assert.Equal(expected.Length, values.Length);
        Assert.All(expected.Zip(values), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    private static void AssertRelative(double expected, double actual, double tolerance) =>
        Assert.Equal(1, actual / expected, tolerance);
}
