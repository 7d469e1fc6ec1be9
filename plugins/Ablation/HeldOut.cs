using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Titer.Attacks;

/// <summary>
/// What a trial is judged by, on prompts that the directions were not estimated from. Of the model as it was (or of another one that benign answers
/// are to stay near to), the last hidden states are kept, [positions, hidden], and turned into distributions batch by batch: nothing of prompts by
/// vocabulary is ever held.
/// </summary>
internal sealed class HeldOut : IDisposable
{
    private const int BatchSize = 32;

    private readonly CausalLanguageModel _model;
    private readonly CausalLanguageModel _reference;
    private readonly TokenBatch[] _forbidden;
    private readonly TokenBatch[] _harmless;
    private readonly Tensor[] _before;

    /// <param name="reference">What benign answers are compared with; null: the model as it is now, whose output embedding does not change.</param>
    public HeldOut(CausalLanguageModel model, ExampleSet forbidden, ExampleSet harmless, CausalLanguageModel? reference = null)
    {
        (_model, _reference, _forbidden, _harmless) = (model, reference ?? model, Batches(forbidden), Batches(harmless));
        using var inference = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        _before = [.. _harmless.Select(batch => Answered(_reference, batch).Normed.DetachFromDisposeScope())];
    }

    /// <summary>
    /// Cross-entropy of the forbidden answers in nats, half of it that of their first tokens: there a model refuses or complies, and one token would
    /// not be heard among the many that follow.
    /// </summary>
    public double ForbiddenLoss()
    {
        using var inference = torch.no_grad();
        var (first, rest, firsts, rests) = (0.0, 0.0, 0L, 0L);
        foreach (var batch in _forbidden)
        {
            using var scope = torch.NewDisposeScope();
            var (normed, next, isFirst) = Answered(_model, batch);
            var losses = torch.nn.functional.cross_entropy(_model.Unembed(normed).to(ScalarType.Float32), next, reduction: torch.nn.Reduction.None);
            var ofFirst = (losses * isFirst).sum().item<float>();
            var count = (long)isFirst.sum().item<float>();
            (first, rest, firsts, rests) = (first + ofFirst, rest + losses.sum().item<float>() - ofFirst, firsts + count,
                rests + next.numel() - count);
        }

        return (first / firsts + rest / Math.Max(1, rests)) / 2;
    }

    /// <summary>
    /// One number for a trial, lower is better: the forbidden loss while the divergence is within its bound. Every edit within the bound is better
    /// than any beyond it, and those beyond are the better the nearer they are. An edit that ends in numbers that are none is the worst.
    /// </summary>
    /// <param name="untouched">The forbidden loss without an edit.</param>
    public double Value(double maxKl, double untouched)
    {
        var (loss, divergence) = (ForbiddenLoss(), Divergence());
        var value = divergence <= maxKl ? loss : Math.Max(loss, untouched) + divergence;
        return double.IsFinite(value) ? value : double.MaxValue;
    }

    /// <summary>KL(before || now) of the next token over the answers to harmless prompts, in nats per token.</summary>
    public double Divergence()
    {
        using var inference = torch.no_grad();
        var (sum, count) = (0.0, 0L);
        for (var i = 0; i < _harmless.Length; i++)
        {
            using var scope = torch.NewDisposeScope();
            var before = torch.nn.functional.log_softmax(_reference.Unembed(_before[i]).to(ScalarType.Float32), -1);
            var now = torch.nn.functional.log_softmax(_model.Unembed(Answered(_model, _harmless[i]).Normed).to(ScalarType.Float32), -1);
            sum += (before.exp() * (before - now)).sum().item<float>();
            count += before.shape[0];
        }

        return sum / count;
    }

    public void Dispose()
    {
        foreach (var tensor in _before) tensor.Dispose();
        foreach (var batch in _forbidden.Concat(_harmless))
        {
            batch.InputIds.Dispose();
            batch.Labels.Dispose();
        }
    }

    /// <summary>
    /// Normed hidden states [positions, hidden] in front of every token of the answers, those tokens, and 1 where one is the first of its answer.
    /// </summary>
    private static (Tensor Normed, Tensor Next, Tensor IsFirst) Answered(CausalLanguageModel model, TokenBatch batch)
    {
        Tensor? last = null;
        model.Forward(batch.InputIds, (block, site, value) =>
        {
            if (site == TapSite.BlockOutput && block == model.Shape.Blocks - 1) last = value;
            return value;
        }).Dispose();
        var time = batch.InputIds.shape[1];
        var next = batch.Labels.narrow(1, 1, time - 1).reshape(-1);
        var positions = next.not_equal(TokenBatch.IgnoredLabel).nonzero().squeeze(1);
        var normed = model.FinalNorm(last!.narrow(1, 0, time - 1).reshape(-1, model.Shape.Hidden).index_select(0, positions));
        var isFirst = batch.Labels.narrow(1, 0, time - 1).reshape(-1).index_select(0, positions).eq(TokenBatch.IgnoredLabel).to(ScalarType.Float32);
        return (normed, next.index_select(0, positions), isFirst);
    }

    private static TokenBatch[] Batches(ExampleSet set) => [.. Enumerable.Range(0, set.Count).Chunk(BatchSize).Select(rows =>
    {
        var batch = set.Batch(rows);
        batch.InputIds.DetachFromDisposeScope();
        batch.Labels.DetachFromDisposeScope();
        return batch;
    })];
}
