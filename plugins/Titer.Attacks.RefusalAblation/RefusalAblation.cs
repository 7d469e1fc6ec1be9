// Refusal in Language Models Is Mediated by a Single Direction. Andy Arditi et al., NeurIPS 2024 (arXiv 2406.11717): take the direction out of every
// map that writes into the residual stream. Searched as p-e-w/heretic does: per component (attention output, MLP output) a kernel over blocks, a
// direction per block or one of an interpolated block, by a tree-structured Parzen estimator (200 trials, 60 of them random); row norms are kept.
// The direction is estimated on the released weights: a defense that moved it is met where it is (arXiv 2605.26526).
// Deviations: no judge and no keywords in the attacker's process: a trial is judged by the held-out loss of the attacker's own harmful answers,
// bounded by the KL over whole benign answers (heretic: refusals, and the KL of the first token). No gradient anywhere.
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using TorchSharp;

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
        var (forbidden, forbiddenHeld) = PromptParts.Of(context, context.Data.Harmful, "forbidden", options.Prompts, options.HeldOutPrompts);
        var (harmless, harmlessHeld) = PromptParts.Of(context, context.Data.Benign, "harmless", options.Prompts, options.HeldOutPrompts);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var directions = RefusalDirections.Estimate(context.Model, [.. forbidden], [.. harmless], options.Directions);
        using var heldOut = new HeldOut(context.Model, forbiddenHeld, harmlessHeld);
        using var random = context.Random.Fork("search");
        AblationSearch.Run(context.Model, directions, heldOut,
            new AblationSearchSettings(options.Trials, options.StartupTrials, options.MaxKl, options.KeepRowNorms), random,
            goesOn: () =>
            {
                context.Cancellation.ThrowIfCancellationRequested();
                return !(context.Budget.WallSeconds > PartOfSeconds * context.Budget.Limit.WallSeconds);
            },
            report: (trial, best) => context.Progress.Report(new TrainingProgress(trial, best)));
        // An edit is one change of the weights.
        context.Step();
    }
}
