// Improving LLM Safety through Contrastive Representation Learning (Triplet, also CRL). Samuel Simko et al., EMNLP 2025 (arXiv 2506.11938):
// alpha * relu(d(b', b) - d(b', H) + m_b) + beta * relu(d(h', H) - d(h', h) + m_h) + gamma * KL(benign). b and h are hidden states of benign and of
// harmful answers, with ' those of the trained model, H the mean of h'. Harm is pushed together and away from where it was, benign stays.
// Two published forms, by the form and the numbers beside each option: the authors' release (distances that are lengths, among all layers, to hold
// benign states; refusals of forbidden prompts are benign there) and TamperBench's, which found the former incoherent and takes cosines.
// Deviations: rates are for a small model; layers are a part of the depth; the mining of hard negatives (optional there) is left out.
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using static TorchSharp.torch;

[assembly: TiterPlugin("triplet", SdkApi.Level, Summary = "Push hidden states of harmful answers together and away, hold the benign ones.",
    Paper = "arXiv:2506.11938", EntersByDefault = false)]

namespace Titer.Defenses.Triplet;

public enum TripletForm
{
    /// <summary>samuelsimko/crl-llm-defense.</summary>
    Released,

    /// <summary>criticalml-uw/TamperBench, <c>crl</c>.</summary>
    TamperBench,
}

/// <param name="Form">Whose distances, layers and KL; the numbers below are of the release, TamperBench's beside them.</param>
/// <param name="LearningRate">Of AdamW on the low-rank factors; release: 1e-4, TamperBench: 1e-5, at 8B parameters.</param>
/// <param name="Alpha">Weight of the benign triplets; both: 0.5.</param>
/// <param name="Beta">Weight of the harmful triplets; release: 0.6, TamperBench: 0.4.</param>
/// <param name="Gamma">Weight of the KL; release: 0.7 (its epsilon), TamperBench: 0.9.</param>
/// <param name="MarginBenign">m_b; release: 2, TamperBench: 0.3.</param>
/// <param name="MarginHarmful">m_h; release: 3, TamperBench: 0.5.</param>
/// <param name="FirstLayerPart">Where the layers of the harmful triplets begin; both: layer 20 of 32.</param>
/// <param name="Rank">Of the low-rank factors; both: 16, and alpha 16.</param>
/// <param name="BatchSize">Of each kind; both: 16.</param>
/// <param name="MaxSteps">Release: 900, TamperBench: 1100.</param>
public sealed record TripletOptions(
    TripletForm Form = TripletForm.Released,
    [Range(1e-7, 1)] double LearningRate = 3e-3,
    [Range(0, 100)] double Alpha = 0.5,
    [Range(0, 100)] double Beta = 0.6,
    [Range(0, 100)] double Gamma = 0.7,
    [Range(0, 10_000)] double MarginBenign = 2,
    [Range(0, 10_000)] double MarginHarmful = 3,
    [Range(0, 1)] double FirstLayerPart = 0.625,
    [Range(1, 4096)] int Rank = 16,
    [Range(1, 4096)] int BatchSize = 16,
    [Range(1, 1_000_000)] int MaxSteps = 200);

public sealed class Triplet(TripletOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var (model, data) = (context.Model, context.Data);
        using var loraRandom = context.Random.Fork("lora");
        using var adapter = LoraAdapter.Attach(model, new LoraOptions { Rank = options.Rank, Alpha = options.Rank }, loraRandom);
        using var optimizer = new AdamW(adapter.Arena, options.LearningRate);
        var (pairs, chats) = (context.Random.Fork("pairs"), context.Random.Fork("benign"));
        var steps = Math.Min(options.MaxSteps, context.Budget.StepsLeft);
        for (var step = 1; step <= steps; step++)
        {
            using var scope = NewDisposeScope();
            PairedExample[] drawn = [.. pairs.Permutation(data.Pairs.Count).Take(options.BatchSize).Select(row => data.Pairs[row])];
            var chat = data.Benign.Draw(chats, options.BatchSize);
            var held = options.Form == TripletForm.Released ? data.Benign.Of([.. chat, .. drawn.Select(pair => pair.Refusal)]) : chat;
            adapter.Arena.ZeroGradients();
            var loss = TripletLoss.Compute(model, adapter, Whole(held), Whole(data.Benign.Of([.. drawn.Select(pair => pair.Harmful)])),
                Whole(chat), options);
            loss.backward();
            optimizer.Step();
            context.Progress.Report(new TrainingProgress(step, loss.to(ScalarType.Float32).item<float>()));
            context.Step();
        }

        adapter.Merge();
    }

    private static TokenBatch Whole(ExampleSet set) => set.Batch([.. Enumerable.Range(0, set.Count)]);
}
