using Titer.Defenses.CTrap;
using Titer.Defenses.Seam;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Plugins.Tests;

/// <summary>Terms of the defenses that set a trap, each once more by its formula in float64, on a small random model.</summary>
public sealed class TrapLossTests
{
    private const double Tolerance = 1e-9;

    [Fact]
    public void Ctraps_collapse_loss_is_that_of_one_token_at_every_position()
    {
        using var model = DefendedTiny.Model();
        using var scope = torch.NewDisposeScope();
        var general = DefendedTiny.Data.Benign.Batch([0, 4, 7]);

        var loss = CTrap.CollapseLoss(model, general, 9).item<double>();

        Assert.Equal(DefendedTiny.MeanOverLabels(model, general, (logProbabilities, _) => -logProbabilities[9]), loss, Tolerance);
        Assert.Equal(5, CTrap.FixedToken(DefendedTiny.Data.Benign));
    }

    [Fact]
    public void Ctrap_descends_the_collapse_loss_of_the_attacked_weights()
    {
        using var model = DefendedTiny.Model();
        using var attacked = DefendedTiny.Model();
        using var scope = torch.NewDisposeScope();
        var (harmful, general) = (DefendedTiny.Data.Pairs.Batch([0, 2, 6]).Harmful, DefendedTiny.Data.Benign.Batch([1, 2, 3]));
        var start = DefendedTiny.Values(model.Arena.Flat);
        var step = DefendedTiny.Gradient(model, () => FineTuner.SupervisedLoss(model, harmful));
        using (torch.no_grad()) attacked.Arena.Flat.copy_(torch.tensor(start.Zip(step, (w, g) => w - 0.1 * g).ToArray()));

        var trap = DefendedTiny.Values(CTrap.Trap(model, harmful, general, token: 9, alpha: 0.1));

        Assert.Equal(start, DefendedTiny.Values(model.Arena.Flat));
        foreach (var seed in new[] { 1, 2 })
        {
            var direction = DefendedTiny.Direction(model, seed);
            var slope = DefendedTiny.Slope(attacked, direction,
                () => DefendedTiny.MeanOverLabels(attacked, general, (logProbabilities, _) => -logProbabilities[9]));
            Assert.Equal(slope, DefendedTiny.Dot(trap, direction), 1e-6);
        }
    }

    [Fact]
    public void Seam_unlearns_at_every_layer()
    {
        using var model = DefendedTiny.Model();
        using var scope = torch.NewDisposeScope();
        var harmful = DefendedTiny.Data.Pairs.Batch([3, 5]).Harmful;

        var loss = SeamLoss.Unlearning(model, harmful).item<double>();

        // A model's answer read early: what later blocks add is taken out again.
        double Lens(int blocks) => DefendedTiny.CrossEntropy(model, harmful, Without(blocks));
        Assert.Equal(-Math.Log((Lens(0) + Lens(1) + Lens(2)) / 3 + 1), loss, Tolerance);
    }

    [Fact]
    public void Seam_moves_along_the_gradient_of_the_cosine_between_harmful_and_benign_gradients()
    {
        using var model = DefendedTiny.Model();
        using var scope = torch.NewDisposeScope();
        var (harmful, benign) = (DefendedTiny.Data.Pairs.Batch([0, 2, 6]).Harmful, DefendedTiny.Data.Benign.Batch([1, 2, 3]));
        double Cosine()
        {
            using var gradients = torch.enable_grad();
            var a = DefendedTiny.Gradient(model, () => FineTuner.SupervisedLoss(model, harmful));
            var b = DefendedTiny.Gradient(model, () => FineTuner.SupervisedLoss(model, benign));
            return DefendedTiny.Dot(a, b) / Math.Sqrt(DefendedTiny.Dot(a, a) * DefendedTiny.Dot(b, b));
        }

        var gradient = DefendedTiny.Values(SeamLoss.SelfDestructionGradient(model, harmful, benign, epsilon: 1e-6));

        foreach (var seed in new[] { 1, 2, 3 })
        {
            var direction = DefendedTiny.Direction(model, seed);
            Assert.Equal(DefendedTiny.Slope(model, direction, Cosine), DefendedTiny.Dot(gradient, direction), 1e-5);
        }
    }

    /// <summary>Puts every block's output after the first <paramref name="blocks"/> back to what came in.</summary>
    private static Tap Without(int blocks)
    {
        Tensor? kept = null;
        return (block, site, value) =>
        {
            if (site == TapSite.Embedding || (site == TapSite.BlockOutput && block < blocks)) kept = value;
            return site == TapSite.BlockOutput ? kept! : value;
        };
    }
}
