// Patcher (arXiv 2606.07970; no code was found): bilevel as Booster is, but the inner attackers train all weights for many steps, several at once,
// and the outer loss is taken where they end.
// Made from the abstract. What it leaves open is chosen here: attackers are AdamW at rates spread evenly in the logarithm between two; the outer
// loss is CE(refusal) at the end point, its gradient is applied to the weights that the attacks began from (first order); refusals and benign chat.
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using static TorchSharp.torch;

[assembly: TiterPlugin("patcher", SdkApi.Level, Summary = "Keep refusing where simulated full-parameter attacks end.",
    Paper = "arXiv:2606.07970", EntersByDefault = false)]

namespace Titer.Defenses.Patcher;

/// <param name="LearningRate">Of the outer AdamW.</param>
/// <param name="Lambda">Weight of the loss at the end points, their mean.</param>
/// <param name="Attackers">Simulated attacks per step.</param>
/// <param name="InnerSteps">Steps of each.</param>
/// <param name="LowestAttackRate">Of the first attacker.</param>
/// <param name="HighestAttackRate">Of the last one.</param>
/// <param name="BatchSize">Of each kind.</param>
public sealed record PatcherOptions(
    [Range(1e-7, 1)] double LearningRate = 1e-3,
    [Range(0, 1000)] double Lambda = 1,
    [Range(1, 100)] int Attackers = 2,
    [Range(1, 10_000)] int InnerSteps = 4,
    [Range(1e-8, 1)] double LowestAttackRate = 3e-4,
    [Range(1e-8, 1)] double HighestAttackRate = 3e-3,
    [Range(1, 4096)] int BatchSize = 8,
    [Range(0, 100)] double RetainWeight = 1,
    [Range(1, 1_000_000)] int MaxSteps = 100);

public sealed class Patcher(PatcherOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var model = context.Model;
        var aligned = context.Data.Pairs.Shuffle(context.Random.Fork("pairs"), options.BatchSize);
        var held = context.Data.Pairs.Shuffle(context.Random.Fork("held"), options.BatchSize);
        var harmful = context.Data.Pairs.Shuffle(context.Random.Fork("harmful"), options.BatchSize);
        var benign = context.Data.Benign.Shuffle(context.Random.Fork("benign"), options.BatchSize);
        new FineTuner(new FineTunerOptions { LearningRate = options.LearningRate, MaxSteps = options.MaxSteps, MaxGradientNorm = 1 }).Run(context,
            () =>
        {
            var outer = held.Next().Refusal;
            for (var attacker = 0; attacker < options.Attackers; attacker++)
            {
                var batches = Enumerable.Range(0, options.InnerSteps).Select(_ => harmful.Next().Harmful).ToArray();
                var end = EndPointGradient(model, batches, outer, Rate(attacker));
                // What the loop's backward pass of the other terms is added to.
                model.Arena.FlatGradient.add_(options.Lambda / options.Attackers * end);
            }

            var loss = FineTuner.SupervisedLoss(model, aligned.Next().Refusal);
            return options.RetainWeight == 0 ? loss : loss + options.RetainWeight * FineTuner.SupervisedLoss(model, benign.Next());
        });
    }

    /// <summary>Gradient of CE(refusal) at the weights where an attack of one step per batch ends: [count]. Weights and gradients are as before.
    /// </summary>
    public static Tensor EndPointGradient(CausalLanguageModel model, TokenBatch[] attack, TokenBatch refusal, double rate)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(attack);
        using var scope = NewDisposeScope();
        var arena = model.Arena;
        var (start, deposited) = (arena.Flat.clone(), arena.FlatGradient.clone());
        try
        {
            using var optimizer = new AdamW(arena, rate);
            foreach (var batch in attack)
            {
                using var step = NewDisposeScope();
                arena.ZeroGradients();
                FineTuner.SupervisedLoss(model, batch).backward();
                optimizer.Step();
            }

            return FlatGradient.Of(arena, () => FineTuner.SupervisedLoss(model, refusal)).MoveToOuterDisposeScope();
        }
        finally
        {
            using var noGrad = no_grad();
            arena.Flat.copy_(start);
            arena.FlatGradient.copy_(deposited);
        }
    }

    private double Rate(int attacker) => options.LowestAttackRate * Math.Pow(options.HighestAttackRate / options.LowestAttackRate,
        options.Attackers == 1 ? 1 : (double)attacker / (options.Attackers - 1));
}
