// Tamper-Resistant Safeguards for Open-Weight LLMs (TAR). Rishub Tamirisa et al., ICLR 2025 (arXiv 2408.00761):
// min lambda_TR * E_attack[L_TR(attack(w))] + lambda_retain * (L_LM(retain) + |h_w - h_w0|). Phase 1 maps what is to be forgotten to random vectors.
// Phase 2 plays an attack of K steps in every step and adds up, on the way, the gradients of L_TR at the attacked weights; they are applied to the
// weights that the attack began from (first order). L_TR is the negative entropy of held-out harmful text, or the preference (DPO) for refusals.
// Deviations: rates are for a small model; K 16 in place of 64; losses and entropies are over answers, not over all tokens; the attackers' data are
// harmful chats alone (two in three attacks) or benign ones first (the authors have two corpora and the switch, a third each); no weight decay.
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using static TorchSharp.torch;

[assembly: TiterPlugin("tar", SdkApi.Level, Summary = "Keep attacked weights uncertain of harm: simulated attacks, entropy at every few steps.",
    Paper = "arXiv:2408.00761", EntersByDefault = false)]

namespace Titer.Defenses.Tar;

public enum TamperResistanceLoss
{
    /// <summary>Negative mean entropy of harmful answers: for knowledge.</summary>
    MaxEntropy,

    /// <summary>Preference for the refusal over the harmful answer, against the subject as it was given: for refusals.</summary>
    Dpo,
}

/// <param name="LearningRate">Of the outer AdamW; authors' scripts: 2e-5 (entropy), 6e-5 (DPO), at 8B parameters.</param>
/// <param name="LossType">L_TR.</param>
/// <param name="GradScale">lambda_TR; scripts: 4 (entropy), 0.1 (DPO).</param>
/// <param name="RetainScale">lambda_retain; scripts: 1.</param>
/// <param name="ScheduleLambda">A gradient at inner step i counts by exp(this * (i - K + 1)); scripts: 0.0625.</param>
/// <param name="InnerLoopSteps">K; scripts: 64 (entropy), 8 (DPO).</param>
/// <param name="InnerLoopSubsample">L_TR is looked at after every so many of them; scripts: 4 (entropy), 1 (DPO).</param>
/// <param name="TasksSampled">Attacks per outer step; scripts: 1 (entropy), 2 (DPO).</param>
/// <param name="LowestAdversaryRate">Attack rates are drawn from here evenly in the logarithm; scripts: one of 2e-6, 2e-5, 4e-5.</param>
/// <param name="HighestAdversaryRate">To here.</param>
/// <param name="SwitchRatio">Part of the attacks that begin with benign data and switch at a Beta(6, 3) part of K; scripts: 1/3.</param>
/// <param name="BatchSize">Benign chats, and chats that L_TR is of; scripts: 8.</param>
/// <param name="AdversaryBatchSize">Scripts: 4.</param>
/// <param name="WarmupRatio">Scripts: 32 of 750 steps.</param>
/// <param name="RandomMappingSteps">Of phase 1, beside those of phase 2; 0 leaves it out.</param>
/// <param name="MaxSteps">Of phase 2; scripts: 750 (entropy), 100 (DPO).</param>
public sealed record TarOptions(
    [Range(1e-7, 1)] double LearningRate = 3e-4,
    TamperResistanceLoss LossType = TamperResistanceLoss.MaxEntropy,
    [Range(0, 1000)] double GradScale = 4,
    [Range(0, 100)] double RetainScale = 1,
    [Range(0, 10)] double ScheduleLambda = 0.0625,
    [Range(1, 10_000)] int InnerLoopSteps = 16,
    [Range(1, 10_000)] int InnerLoopSubsample = 4,
    [Range(1, 100)] int TasksSampled = 1,
    [Range(1e-8, 1)] double LowestAdversaryRate = 3e-4,
    [Range(1e-8, 1)] double HighestAdversaryRate = 3e-3,
    [Range(0, 1)] double SwitchRatio = 1.0 / 3,
    [Range(1, 4096)] int BatchSize = 8,
    [Range(1, 4096)] int AdversaryBatchSize = 4,
    [Range(0, 1)] double WarmupRatio = 0.04,
    [Range(0, 1_000_000)] int RandomMappingSteps = 20,
    [Range(1, 1_000_000)] int MaxSteps = 80);

public sealed class Tar(TarOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        using var scope = NewDisposeScope();
        var (model, data) = (context.Model, context.Data);
        var subject = model.Arena.Flat.detach().clone();
        if (options.RandomMappingSteps > 0) MapRandomly(context);

        // A quarter of the pairs is held out: no simulated attacker trains on what L_TR is of.
        int[] rows = context.Random.Fork("held").Permutation(data.Pairs.Count);
        var (held, attacked) = (rows[..Math.Max(1, rows.Length / 4)], rows[Math.Min(rows.Length - 1, Math.Max(1, rows.Length / 4))..]);
        var (heldOrder, attackOrder, attackers) = (context.Random.Fork("held rows"), context.Random.Fork("attack rows"),
            context.Random.Fork("attackers"));
        var switched = data.Benign.Shuffle(context.Random.Fork("switched"), options.AdversaryBatchSize);
        var retained = data.Benign.Shuffle(context.Random.Fork("retained"), options.BatchSize);
        new FineTuner(new FineTunerOptions
        {
            LearningRate = options.LearningRate,
            MaxSteps = options.MaxSteps,
            WarmupRatio = options.WarmupRatio,
        }).Run(context, () =>
        {
            for (var task = 0; task < options.TasksSampled; task++)
            {
                var outer = data.Pairs.Batch(Some(held, options.BatchSize, heldOrder));
                var switchAt = attackers.NextDouble() < options.SwitchRatio ? (int)(Beta63(attackers) * options.InnerLoopSteps) : 0;
                var gradient = TamperGradient(
                    model,
                    step => step < switchAt ? switched.Next()
                        : data.Pairs.Batch(Some(attacked, options.AdversaryBatchSize, attackOrder)).Harmful,
                    () => options.LossType == TamperResistanceLoss.Dpo ? TarLoss.Dpo(model, outer, subject)
                        : TarLoss.MaxEntropy(model, outer.Harmful),
                    Rate(attackers), options);
                // What the loop's backward pass of the other term is added to.
                model.Arena.FlatGradient.add_(options.GradScale / options.TasksSampled * gradient);
            }

            return options.RetainScale * TarLoss.Retain(model, retained.Next(), subject);
        });
    }

    /// <summary>
    /// Sum of the gradients of a loss at the weights of a simulated attack, seen after every <c>InnerLoopSubsample</c>-th of its steps and weighted
    /// by exp(lambda * (i - K + 1)): [count]. Weights and gradients are as before.
    /// </summary>
    /// <param name="batch">What the attack trains on at a step, counted from 0.</param>
    public static Tensor TamperGradient(CausalLanguageModel model, Func<int, TokenBatch> batch, Func<Tensor> loss, double rate, TarOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(options);
        using var scope = NewDisposeScope();
        var arena = model.Arena;
        var (start, deposited, sum) = (arena.Flat.detach().clone(), arena.FlatGradient.clone(), zeros_like(arena.FlatGradient));
        try
        {
            using var optimizer = new AdamW(arena, rate);
            for (var i = 0; i < options.InnerLoopSteps; i++)
            {
                using var step = NewDisposeScope();
                arena.ZeroGradients();
                FineTuner.SupervisedLoss(model, batch(i)).backward();
                optimizer.Step();
                if ((i + 1) % options.InnerLoopSubsample != 0) continue;
                var gradient = FlatGradient.Of(arena, loss);
                using var frozen = no_grad();
                sum.add_(gradient, alpha: Math.Exp(options.ScheduleLambda * (i - options.InnerLoopSteps + 1)));
            }

            return sum.MoveToOuterDisposeScope();
        }
        finally
        {
            using var noGrad = no_grad();
            arena.Flat.copy_(start);
            arena.FlatGradient.copy_(deposited);
        }
    }

    /// <summary>Phase 1: hidden states of harmful text point along a random vector per token, benign chat is kept.</summary>
    private void MapRandomly(DefenseContext context)
    {
        var (model, random) = (context.Model, context.Random.Fork("vectors"));
        var vectors = random.Normal([model.Shape.Vocabulary, model.Shape.Hidden]).to(model.Arena.Flat.dtype);
        random.Dispose();
        var harmful = context.Data.Pairs.Shuffle(context.Random.Fork("mapped"), options.BatchSize);
        var benign = context.Data.Benign.Shuffle(context.Random.Fork("unmapped"), options.BatchSize);
        new FineTuner(new FineTunerOptions { LearningRate = options.LearningRate, MaxSteps = options.RandomMappingSteps }).Run(context, () =>
            TarLoss.RandomMapping(model, harmful.Next().Harmful, vectors) + FineTuner.SupervisedLoss(model, benign.Next()));
    }

    private double Rate(SeededRandom random) =>
        options.LowestAdversaryRate * Math.Pow(options.HighestAdversaryRate / options.LowestAdversaryRate, random.NextDouble());

    /// <summary>Beta(6, 3): the sixth of eight numbers from [0, 1), in order of size.</summary>
    private static double Beta63(SeededRandom random) => Enumerable.Range(0, 8).Select(_ => random.NextDouble()).Order().ElementAt(5);

    /// <summary>Some of the rows, none twice while there are enough.</summary>
    private static int[] Some(int[] rows, int count, SeededRandom random) => [.. random.Permutation(rows.Length).Take(count).Select(i => rows[i])];
}
