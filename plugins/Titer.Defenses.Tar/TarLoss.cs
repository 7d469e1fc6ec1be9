using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using static TorchSharp.torch;

namespace Titer.Defenses.Tar;

/// <summary>The terms of TAR. Weights of a subject are given as [count], in the arena's order.</summary>
public static class TarLoss
{
    /// <summary>Of the preference, in the authors' code.</summary>
    private const double Beta = 0.1;

    /// <summary>Negative mean entropy of the next token, in nats, over the positions in front of answer tokens.</summary>
    public static Tensor MaxEntropy(CausalLanguageModel model, TokenBatch batch)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(batch);
        var (log, _, _) = NextTokens(model, batch);
        return (log.exp() * log).sum(dim: -1).mean();
    }

    /// <summary>
    /// -log sigmoid(beta * (what the model gained over the subject on refusals, less what it gained on harmful answers)), sums of log p over
    /// answers, mean over pairs (Rafailov et al. 2023, arXiv 2305.18290).
    /// </summary>
    public static Tensor Dpo(CausalLanguageModel model, PairedBatch pairs, Tensor subject)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(pairs);
        Tensor Margin() => AnswerLogs(model, pairs.Refusal) - AnswerLogs(model, pairs.Harmful);
        var before = WithWeights(model, subject, Margin);
        return -nn.functional.logsigmoid(Beta * (Margin() - before)).mean();
    }

    /// <summary>CE(benign) + mean over layers and tokens of the distance between the hidden states and the subject's.</summary>
    public static Tensor Retain(CausalLanguageModel model, TokenBatch benign, Tensor subject)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(benign);
        var before = WithWeights(model, subject, () => HiddenStates.Of(model, benign).States);
        var (logits, now) = HiddenStates.Of(model, benign);
        return CausalLoss.CrossEntropy(logits, benign.Labels) + MeanOverTokens((now - before).norm(-1, keepdim: false, p: 2), benign);
    }

    /// <summary>Mean over layers and tokens of 1 - |cos(hidden state, the vector of its token)|.</summary>
    /// <param name="vectors">[vocabulary, hidden].</param>
    public static Tensor RandomMapping(CausalLanguageModel model, TokenBatch harmful, Tensor vectors)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(harmful);
        var (_, states) = HiddenStates.Of(model, harmful);
        var ids = harmful.InputIds;
        var targets = vectors.index_select(0, ids.reshape(-1)).view(ids.shape[0], ids.shape[1], -1).unsqueeze(0);
        var cosine = (nn.functional.normalize(states, p: 2, dim: -1, eps: 1e-12)
            * nn.functional.normalize(targets, p: 2, dim: -1, eps: 1e-12)).sum(dim: -1);
        return MeanOverTokens(1 - cosine.abs(), harmful);
    }

    /// <summary>Of [layers, batch, time], padding left out.</summary>
    private static Tensor MeanOverTokens(Tensor values, TokenBatch batch)
    {
        var tokens = HiddenStates.Tokens(batch).to(values.dtype);
        return (values * tokens).sum() / (tokens.sum() * values.shape[0]);
    }

    /// <summary>log p over the vocabulary in front of every answer token [n, vocabulary], those tokens [n], and their rows [n].</summary>
    private static (Tensor Log, Tensor Next, Tensor Row) NextTokens(CausalLanguageModel model, TokenBatch batch)
    {
        var time = batch.Labels.shape[1];
        var next = batch.Labels.narrow(1, 1, time - 1).reshape(-1);
        var positions = next.not_equal(TokenBatch.IgnoredLabel).nonzero().squeeze(1);
        var logits = model.Forward(batch.InputIds).narrow(1, 0, time - 1).reshape(-1, model.Shape.Vocabulary).index_select(0, positions);
        return (nn.functional.log_softmax(HiddenStates.Wide(logits), -1), next.index_select(0, positions),
            positions.div(time - 1, RoundingMode.floor));
    }

    /// <summary>Sum of log p over each answer: [batch].</summary>
    private static Tensor AnswerLogs(CausalLanguageModel model, TokenBatch batch)
    {
        var (log, next, row) = NextTokens(model, batch);
        var chosen = log.gather(1, next.unsqueeze(1)).squeeze(1);
        return zeros(batch.InputIds.shape[0], dtype: chosen.dtype, device: chosen.device).index_add(0, row, chosen, 1);
    }

    /// <summary>What the subject has, without gradient; the weights are put back bit by bit.</summary>
    private static Tensor WithWeights(CausalLanguageModel model, Tensor subject, Func<Tensor> value)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var now = model.Arena.Flat.clone();
        model.Arena.Flat.copy_(subject);
        try
        {
            return value().MoveToOuterDisposeScope();
        }
        finally
        {
            model.Arena.Flat.copy_(now);
        }
    }
}
