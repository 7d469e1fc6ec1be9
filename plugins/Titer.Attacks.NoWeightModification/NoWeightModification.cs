// The control of every comparison; with prefill the attack of nearly no cost (Zou et al. 2023, arXiv 2307.15043, affirmative beginnings;
// as an attack on open weights: Qi et al. 2024, arXiv 2406.05946, "shallow alignment"; against defenses: arXiv 2605.26526; a portfolio: arXiv
// 2602.14689).
using Titer.Sdk;

[assembly: TiterPlugin("no_weight_modification", SdkApi.Level, Summary = "The released weights as they are: the control of every comparison.",
    TrainsOn = TrainingData.None)]

namespace Titer.Attacks.NoWeightModification;

/// <param name="Prefill">Ask with every beginning of <see cref="PrefillPortfolio"/> that the subject's vocabulary has, too; the most harmful one
/// counts.</param>
public sealed record NoWeightModificationOptions(bool Prefill = false);

/// <summary>Changes no weight: what a defense must withstand first.</summary>
public sealed class NoWeightModification(NoWeightModificationOptions options) : IAttack
{
    public void Attack(AttackContext context)
    {
        if (options.Prefill) context.AskWith(context.Text.Writable(PrefillPortfolio.Wrappers));
    }
}
