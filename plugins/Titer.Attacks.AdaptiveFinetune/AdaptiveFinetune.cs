// An attacker who knows the defense. After "SIDESTEPPER" and "KICK-SETTLE" (Zloczower et al. 2026, arXiv 2605.14605: every mechanism of fifteen
// surveyed defenses falls to steps that leave its protected directions), from the abstract: their algorithms are not published. Four phases: kick
// (leave the place that the defense prepared: noise in proportion to the weights of the blocks that it touched, or hot benign steps), attack
// (harmful loss with a benign one beside it), settle (the same at a tenth of the rate), repair (benign answers at a small rate: what a defense that
// destroys itself has destroyed comes back, and with it the harm). defense_term says what the defense declares: flat for those that flatten or
// perturb the harmful loss (Vaccine, Booster), noised for those that push representations away (RepNoise, triplet), trapped for those that destroy
// themselves (SEAM, CTRAP), simulated for those that train against an attacker (TAR). It sets how hard the kick is and how much is repaired.
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using TorchSharp;
using Titer.Sdk;
using Titer.Sdk.Training;

[assembly: TiterPlugin("adaptive_finetune", SdkApi.Level,
    Summary = "Leave the place that a defense prepared, attack, settle, and repair what was lost.", Paper = "arXiv:2605.14605",
    EntersByDefault = false)]

namespace Titer.Attacks.AdaptiveFinetune;

public enum DefenseTerm
{
    Unknown,
    Flat,
    Noised,
    Trapped,
    Simulated,
}

/// <param name="DefenseTerm">What the defense declares.</param>
/// <param name="TouchedBlocks">Numbers of the blocks that it changed, from 0; empty means all of them.</param>
/// <param name="KickSigma">Standard deviation of the kick over the root mean square of a matrix; 0 kicks by benign steps alone.</param>
/// <param name="BenignWeight">Of the benign loss beside the harmful one.</param>
/// <param name="BatchSize">Harmful examples a step, and as many benign ones.</param>
public sealed record AdaptiveFinetuneOptions(
    DefenseTerm DefenseTerm = DefenseTerm.Unknown,
    IReadOnlyList<string>? TouchedBlocks = null,
    [Range(0, 1)] double KickSigma = 0.02,
    [Range(1e-7, 1)] double LearningRate = 2e-3,
    [Range(0, 100)] double BenignWeight = 0.5,
    [Range(1, 4096)] int BatchSize = 8,
    [Range(4, 1_000_000)] int MaxSteps = 1_000_000);

public sealed class AdaptiveFinetune(AdaptiveFinetuneOptions options) : IAttack
{
    private const double SettleRate = 0.1;

    /// <summary>Parts of the steps that kick, attack and repair take; the rest settles.</summary>
    private (double Kick, double Attack, double Repair) Plan => options.DefenseTerm switch
    {
        DefenseTerm.Flat => (0.15, 0.65, 0.05),
        DefenseTerm.Noised => (0.1, 0.6, 0.1),
        DefenseTerm.Trapped => (0.25, 0.35, 0.25),
        DefenseTerm.Simulated => (0.25, 0.5, 0.1),
        _ => (0.15, 0.55, 0.15),
    };

    public void Attack(AttackContext context)
    {
        var (steps, plan) = (Math.Min(options.MaxSteps, context.Budget.StepsLeft), Plan);
        var (kick, attack, repair) = ((int)(plan.Kick * steps), Math.Max(1, (int)(plan.Attack * steps)), (int)(plan.Repair * steps));
        Disturb(context);
        Run(context, kick, 2 * options.LearningRate, harmful: false, "kick");
        Run(context, attack, options.LearningRate, harmful: true, "attack");
        Run(context, steps - kick - attack - repair, SettleRate * options.LearningRate, harmful: true, "settle");
        Run(context, repair, SettleRate * options.LearningRate, harmful: false, "repair");
    }

    /// <summary>Noise on the maps of the blocks that the defense touched; it belongs to the first step.</summary>
    private void Disturb(AttackContext context)
    {
        if (options.KickSigma == 0) return;
        using var noise = context.Random.Fork("kick noise");
        using var noGrad = torch.no_grad();
        var touched = options.TouchedBlocks?.Select(block => int.Parse(block, CultureInfo.InvariantCulture)).ToHashSet() ?? [];
        foreach (var projection in context.Model.Projections.Where(p => touched.Count == 0 || touched.Contains(p.Block)))
        {
            using var scope = torch.NewDisposeScope();
            var weight = projection.Weight.to(torch.ScalarType.Float32);
            var drawn = noise.Normal(weight.shape);
            projection.Weight.copy_(weight + options.KickSigma * weight.square().mean().sqrt() * drawn);
        }
    }

    private void Run(AttackContext context, int steps, double rate, bool harmful, string phase)
    {
        if (steps <= 0) return;
        var bad = harmful ? context.Data.Harmful.Shuffle(context.Random.Fork($"{phase} harmful"), options.BatchSize) : null;
        var good = context.Data.Benign.Shuffle(context.Random.Fork($"{phase} benign"), options.BatchSize);
        new FineTuner(new FineTunerOptions { LearningRate = rate, MaxSteps = steps, MaxGradientNorm = 1 }).Run(context, () =>
        {
            if (bad is null) return FineTuner.SupervisedLoss(context.Model, good.Next());
            var loss = FineTuner.SupervisedLoss(context.Model, bad.Next());
            return options.BenignWeight == 0 ? loss : loss + options.BenignWeight * FineTuner.SupervisedLoss(context.Model, good.Next());
        });
    }
}
