using System.Runtime.InteropServices;
using System.Text.Json;
using Titer.Defenses.RepNoise;
using Titer.Defenses.Vaccine;
using Titer.Models.Tests;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Plugins.Tests;

/// <summary>The defenses' losses against the authors' published loss code, run in float64: 1e-4
/// relative on losses, 1e-3 on gradient norms.</summary>
public sealed class GoldenLossTests
{
    private const double LossTolerance = 1e-4;
    private const double GradientTolerance = 1e-3;

    [Fact]
    public void RepNoise_agrees_term_by_term()
    {
        var golden = SharedFiles.RequireJson("defense-losses-golden.json");
        var expected = golden.GetProperty("results").GetProperty("repnoise");
        var noise = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(SharedFiles.Require("defense-losses-noise.f32"))).ToArray();
        using var model = Fixtures.Stories();
        using var scope = torch.NewDisposeScope();
        var allNoise = torch.tensor(noise, [5, 4, 24, 64]);

        model.Arena.ZeroGradients();
        var terms = RepNoiseLoss.Compute(
            model, Ids(golden, "harmful_ids"), Ids(golden, "harmless_ids"), block => allNoise[block],
            expected.GetProperty("alpha").GetDouble(), expected.GetProperty("beta").GetDouble());
        terms.Total.backward();

        AssertEach(expected.GetProperty("mmd_per_layer"), terms.Noise);
        AssertEach(expected.GetProperty("ce_lens_per_hidden_state"), terms.Lens);
        AssertRelative(expected.GetProperty("ce_harmful"), terms.Harmful, LossTolerance);
        AssertRelative(expected.GetProperty("ce_harmless"), terms.Harmless, LossTolerance);
        AssertRelative(expected.GetProperty("loss"), terms.Total, LossTolerance);
        Assert.Equal(1, model.Arena.GradientNorm() / expected.GetProperty("grad_norm").GetDouble(), GradientTolerance);
    }

    [Fact]
    public void Vaccine_perturbs_by_the_reference_gradients()
    {
        var golden = SharedFiles.RequireJson("defense-losses-golden.json");
        var expected = golden.GetProperty("results").GetProperty("vaccine");
        using var model = Fixtures.Stories();
        using var scope = torch.NewDisposeScope();
        var (ids, labels) = RefusalBatch(golden);

        var gradients = VaccineLoss.AttentionGradients(model, ids, logits => Sdk.Training.CausalLoss.CrossEntropy(logits, labels));

        AssertEach(expected.GetProperty("attention_output_grad_norm_per_layer"), [.. gradients.Select(g => g.norm())], GradientTolerance);
        AssertRelative(expected.GetProperty("attention_output_grad_norm_global"), VaccineLoss.GlobalNorm(gradients), GradientTolerance);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Vaccine_agrees_on_the_perturbed_loss_and_its_gradient(int index)
    {
        var golden = SharedFiles.RequireJson("defense-losses-golden.json");
        var expected = golden.GetProperty("results").GetProperty("vaccine").GetProperty("by_rho")[index];
        using var model = Fixtures.Stories();
        using var scope = torch.NewDisposeScope();
        var (ids, labels) = RefusalBatch(golden);

        model.Arena.ZeroGradients();
        var loss = VaccineLoss.Perturbed(
            model, ids, logits => Sdk.Training.CausalLoss.CrossEntropy(logits, labels), expected.GetProperty("rho").GetDouble());
        loss.backward();

        AssertRelative(expected.GetProperty("perturbed_loss"), loss, LossTolerance);
        Assert.Equal(1, model.Arena.GradientNorm() / expected.GetProperty("grad_norm").GetDouble(), GradientTolerance);
    }

    [Fact]
    public void The_harmful_cross_entropy_of_the_adversarial_loss_agrees()
    {
        var golden = SharedFiles.RequireJson("defense-losses-golden.json");
        var expected = golden.GetProperty("results").GetProperty("adversarial");
        using var model = Fixtures.Stories();
        using var scope = torch.NewDisposeScope();
        var ids = Ids(golden, "harmful_ids");

        model.Arena.ZeroGradients();
        var loss = Sdk.Training.CausalLoss.CrossEntropy(model.Forward(ids), ids);
        loss.backward();

        AssertRelative(expected.GetProperty("ce_all_positions_harmful"), loss, LossTolerance);
        Assert.Equal(1, model.Arena.GradientNorm() / expected.GetProperty("grad_norm_harmful").GetDouble(), GradientTolerance);
    }

    /// <summary>The authors' trainer takes the loss over the whole sequence.</summary>
    private static (Tensor Ids, Tensor Labels) RefusalBatch(JsonElement golden)
    {
        var ids = Ids(golden, "harmless_ids");
        return (ids, ids);
    }

    private static Tensor Ids(JsonElement golden, string key)
    {
        var rows = golden.GetProperty(key).EnumerateArray().Select(r => r.EnumerateArray().Select(e => e.GetInt64()).ToArray()).ToArray();
        return torch.tensor(rows.SelectMany(r => r).ToArray(), [rows.Length, rows[0].Length]);
    }

    private static void AssertEach(JsonElement expected, IReadOnlyList<Tensor> actual, double tolerance = LossTolerance)
    {
        Assert.Equal(expected.GetArrayLength(), actual.Count);
        for (var i = 0; i < actual.Count; i++) AssertRelative(expected[i], actual[i], tolerance);
    }

    private static void AssertRelative(JsonElement expected, Tensor actual, double tolerance) =>
        Assert.Equal(1, actual.item<float>() / expected.GetDouble(), tolerance);
}
