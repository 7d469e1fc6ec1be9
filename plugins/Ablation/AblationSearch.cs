using Titer.Sdk;
using Titer.Sdk.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Titer.Attacks;

/// <summary>How an ablation is searched.</summary>
/// <param name="Trials">All of them.</param>
/// <param name="StartupTrials">Random ones before the search.</param>
/// <param name="MaxKl">Most nats per token by which benign answers may change.</param>
internal sealed record AblationSearchSettings(int Trials, int StartupTrials, double MaxKl, bool KeepRowNorms);

/// <summary>
/// Searches, per component (attention output, MLP output), a kernel over blocks, and a direction per block or one of an interpolated block, as
/// p-e-w/heretic does, and leaves the best edit in the model, or none where none is better.
/// </summary>
internal static class AblationSearch
{
    /// <param name="directions">[blocks, directions, hidden].</param>
    /// <param name="goesOn">Asked before every trial.</param>
    /// <param name="report">Number of the trial, and the best value so far.</param>
    public static void Run(CausalLanguageModel model, Tensor directions, HeldOut heldOut, AblationSearchSettings settings, SeededRandom random,
        Func<bool> goesOn, Action<int, double> report)
    {
        using var weights = new AblatedWeights(model);
        var search = new TreeParzen(Edit.Dimensions, settings.StartupTrials, random);
        var untouched = heldOut.ForbiddenLoss();
        for (var trial = 1; trial <= settings.Trials && goesOn(); trial++)
        {
            var point = search.Suggest();
            Edit.At(point, model.Shape.Blocks).Apply(weights, directions, settings.KeepRowNorms);
            search.Tell(point, heldOut.Value(settings.MaxKl, untouched));
            report(trial, search.Best.Value);
        }

        if (search.Best is { Point: { } best, Value: var found }
            && found < untouched) Edit.At(best, model.Shape.Blocks).Apply(weights, directions, settings.KeepRowNorms);
        else weights.Restore();
    }

    /// <summary>One point of the search.</summary>
    private sealed record Edit(AblationKernel Attention, AblationKernel Mlp, double? Block)
    {
        public const int Dimensions = 2 * AblationKernel.Dimensions + 2;

        public static Edit At(double[] point, int blocks) => new(
            AblationKernel.At(point.AsSpan(0, AblationKernel.Dimensions), blocks),
            AblationKernel.At(point.AsSpan(AblationKernel.Dimensions, AblationKernel.Dimensions), blocks),
            point[^2] < 0.5 ? null : point[^1] * (blocks - 1));

        /// <param name="directions">[blocks, directions, hidden].</param>
        public void Apply(AblatedWeights weights, Tensor directions, bool keepRowNorms)
        {
            using var scope = torch.NewDisposeScope();
            var one = Block is { } at ? Between(directions, at) : null;
            weights.Apply(block => one ?? directions[block], Attention, Mlp, keepRowNorms);
        }

        /// <summary>The first direction between two blocks; those beyond the first do not turn from block to block in one way.</summary>
        private static Tensor Between(Tensor directions, double at)
        {
            var low = (int)Math.Floor(at);
            var high = Math.Min(low + 1, (int)directions.shape[0] - 1);
            var mixed = torch.lerp(directions[low][0], directions[high][0], at - low);
            return torch.nn.functional.normalize(mixed, p: 2, dim: 0, eps: 1e-12).unsqueeze(0);
        }
    }
}
