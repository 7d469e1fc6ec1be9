// CTRAP: Embedding Collapse Trap to Safeguard Large Language Models from Harmful Fine-Tuning (arXiv 2505.16559):
// min l(w; aligned) + lambda * l_col(w - alpha * grad l(w; harmful); general), l_col = mean over answer positions of -log p(e | before), e one fixed
// token. After an attacker's step the model is to say nothing but e. First order: the gradient of l_col at the moved weights, as it stands.
// Deviations: all weights in place of a LoRA; general text is benign chat, and its ordinary loss is part of the aligned one (retain_weight), 0 turns
// that off; e is the most frequent token of benign answers, which the paper leaves open.
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using static TorchSharp.torch;

[assembly: TiterPlugin("ctrap", SdkApi.Level, Summary = "Have a model collapse when an attacker steps.", Paper = "arXiv:2505.16559",
    EntersByDefault = false)]

namespace Titer.Defenses.CTrap;

/// <param name="LearningRate">Of AdamW; authors' code: 5e-4.</param>
/// <param name="Lambda">Weight of the trap; paper: 0.1.</param>
/// <param name="Alpha">Rate of the simulated step; paper: 0.1.</param>
/// <param name="BatchSize">Of each kind; authors' code: 10.</param>
public sealed record CTrapOptions(
    [Range(1e-7, 1)] double LearningRate = 5e-4,
    [Range(0, 1000)] double Lambda = 0.1,
    [Range(0, 100)] double Alpha = 0.1,
    [Range(1, 4096)] int BatchSize = 10,
    [Range(0, 1)] double WeightDecay = 0.1,
    [Range(0, 100)] double RetainWeight = 1,
    [Range(1, 1_000_000)] int MaxSteps = 100);

public sealed class CTrap(CTrapOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var model = context.Model;
        var aligned = context.Data.Pairs.Shuffle(context.Random.Fork("pairs"), options.BatchSize);
        var harmful = context.Data.Pairs.Shuffle(context.Random.Fork("harmful"), options.BatchSize);
        var general = context.Data.Benign.Shuffle(context.Random.Fork("general"), options.BatchSize);
        var benign = context.Data.Benign.Shuffle(context.Random.Fork("benign"), options.BatchSize);
        var token = FixedToken(context.Data.Benign);
        new FineTuner(new FineTunerOptions
        {
            LearningRate = options.LearningRate,
            MaxSteps = options.MaxSteps,
            WeightDecay = options.WeightDecay,
        }).Run(context, () =>
        {
            // What the loop's backward pass of the aligned loss is added to.
            model.Arena.FlatGradient.add_(options.Lambda * Trap(model, harmful.Next().Harmful, general.Next(), token, options.Alpha));
            var loss = FineTuner.SupervisedLoss(model, aligned.Next().Refusal);
            return options.RetainWeight == 0 ? loss : loss + options.RetainWeight * FineTuner.SupervisedLoss(model, benign.Next());
        });
    }

    /// <summary>Gradient of the collapse loss at w - alpha * grad l(w; harmful): [count].</summary>
    public static Tensor Trap(CausalLanguageModel model, TokenBatch harmful, TokenBatch general, int token, double alpha)
    {
        ArgumentNullException.ThrowIfNull(model);
        var step = FlatGradient.Of(model.Arena, () => FineTuner.SupervisedLoss(model, harmful));
        return FlatGradient.At(model.Arena, -alpha * step, () => CollapseLoss(model, general, token));
    }

    /// <summary>Mean over the answers' positions of -log p(token | what is before).</summary>
    public static Tensor CollapseLoss(CausalLanguageModel model, TokenBatch general, int token)
    {
        ArgumentNullException.ThrowIfNull(general);
        var labels = general.Labels.masked_fill(general.Labels.not_equal(TokenBatch.IgnoredLabel), (long)token);
        return FineTuner.SupervisedLoss(model, new TokenBatch(general.InputIds, labels));
    }

    /// <summary>The most frequent token of answers, their last one (the end) left out; of equal ones the lowest.</summary>
    public static int FixedToken(IEnumerable<TokenizedExample> examples) => CommonToken.Of(examples);
}
