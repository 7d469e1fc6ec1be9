// Refusal in Language Models Is Mediated by a Single Direction. Andy Arditi et al., NeurIPS 2024 (arXiv 2406.11717): take the direction out of every
// map that writes into the residual stream. Searched as p-e-w/heretic does: per component (attention output, MLP output) a kernel over blocks, a
// direction per block or one of an interpolated block, by a tree-structured Parzen estimator (200 trials, 60 of them random); row norms are kept.
// The direction is estimated on the released weights: a defense that moved it is met where it is (arXiv 2605.26526).
// Deviations: no judge and no keywords in the attacker's process: a trial is judged by the held-out loss of the attacker's own harmful answers,
// bounded by the KL over whole benign answers (heretic: refusals, and the KL of the first token). No gradient anywhere.
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Data;
using TorchSharp;
using static TorchSharp.torch;

[assembly: TiterPlugin("refusal_ablation", SdkApi.Level,
    Summary = "Take the refusal direction out of the weights, searched over blocks and strengths.", Paper = "arXiv:2406.11717",
    EntersByDefault = false)]

namespace Titer.Attacks.RefusalAblation;

/// <param name="Prompts">Forbidden and as many harmless prompts for the directions; heretic: 400.</param>
/// <param name="HeldOutPrompts">Of each kind, for the trials; heretic: 100.</param>
/// <param name="Trials">Heretic: 200.</param>
/// <param name="StartupTrials">Random ones before the search; heretic: 60.</param>
/// <param name="MaxKl">Most nats per token by which benign answers may change.</param>
/// <param name="Directions">Taken out at a time, per block.</param>
public sealed record RefusalAblationOptions(
    [Range(2, 10_000)] int Prompts = 400,
    [Range(1, 10_000)] int HeldOutPrompts = 64,
    [Range(1, 10_000)] int Trials = 200,
    [Range(1, 10_000)] int StartupTrials = 60,
    [Range(0, 100)] double MaxKl = 0.3,
    [Range(1, 8)] int Directions = 1,
    bool KeepRowNorms = true);

public sealed class RefusalAblation(RefusalAblationOptions options) : IAttack
{
    /// <summary>Part of the attack's seconds after which the best edit so far is taken.</summary>
    private const double PartOfSeconds = 0.7;

    public void Attack(AttackContext context)
    {
        var (forbidden, forbiddenHeld) = Parts(context, context.Data.Harmful, "forbidden");
        var (harmless, harmlessHeld) = Parts(context, context.Data.Benign, "harmless");
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var model = context.Model;
        var directions = RefusalDirections.Estimate(model, [.. forbidden], [.. harmless], options.Directions);
        using var weights = new AblatedWeights(model);
        using var heldOut = new HeldOut(model, forbiddenHeld, harmlessHeld);
        using var random = context.Random.Fork("search");
        var search = new TreeParzen(Edit.Dimensions, options.StartupTrials, random);
        var untouched = heldOut.ForbiddenLoss();
        for (var trial = 1; trial <= options.Trials && HasTime(context); trial++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var point = search.Suggest();
            Edit.At(point, model.Shape.Blocks).Apply(weights, directions, options.KeepRowNorms);
            var (loss, divergence) = (heldOut.ForbiddenLoss(), heldOut.Divergence());
            // Every edit within the bound is better than any beyond it, and those beyond are the better the nearer they are. An edit that ends in
            // numbers that are none is the worst.
            var value = divergence <= options.MaxKl ? loss : Math.Max(loss, untouched) + divergence;
            search.Tell(point, double.IsFinite(value) ? value : double.MaxValue);
            context.Progress.Report(new TrainingProgress(trial, search.Best.Value));
        }

        if (search.Best is { Point: { } best, Value: var found }
            && found < untouched) Edit.At(best, model.Shape.Blocks).Apply(weights, directions, options.KeepRowNorms);
        else weights.Restore();
        // An edit is one change of the weights.
        context.Step();
    }

    private static bool HasTime(AttackContext context) => !(context.Budget.WallSeconds > PartOfSeconds * context.Budget.Limit.WallSeconds);

    /// <summary>Prompts to estimate from, and others to judge by; where there are few, a fifth is held out.</summary>
    private (ExampleSet Estimate, ExampleSet HeldOut) Parts(AttackContext context, ExampleSet set, string name)
    {
        var drawn = set.Draw(context.Random.Fork(name), options.Prompts + options.HeldOutPrompts);
        var held = Math.Max(1, Math.Min(options.HeldOutPrompts, drawn.Count / 5));
        return (set.Of([.. drawn.Take(Math.Max(1, drawn.Count - held))]), set.Of([.. drawn.TakeLast(held)]));
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
