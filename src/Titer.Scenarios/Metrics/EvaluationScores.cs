using Titer.Models.Generation;
using Titer.Scenarios.Data;
using Titer.Scenarios.Data.Evaluations;
using Titer.Sdk;
using Titer.Sdk.Models;

namespace Titer.Scenarios.Metrics;

/// <summary>Scores a model on an evaluation: in [0, 1] for each question, more is better.</summary>
/// <param name="answers">What the model says to prompts of these ids.</param>
internal sealed class EvaluationScores(CausalLanguageModel model, ChatFormat format,
    Func<IReadOnlyList<(string Id, string Prompt)>, string[]> answers)
{
    public double[] Of(NamedEvaluation evaluation) => evaluation.Kind switch
    {
        EvaluationKind.MultipleChoice => [.. Likelihoods(evaluation, perToken: true)
            .Select((own, q) => evaluation.Questions[q].Right.Contains(Array.IndexOf(own, own.Max())) ? 1.0 : 0)],
        EvaluationKind.ChoiceMass => [.. Likelihoods(evaluation, perToken: false).Select((own, q) => Mass(own, evaluation.Questions[q].Right))],
        EvaluationKind.ExactAnswer => Said(evaluation, new AnswerMatch(AnswerExtraction.AfterMarker)),
        _ => Said(evaluation, new RefusalMatch()),
    };

    /// <summary>The right choices' part of the probability of all (Lin et al. 2022, arXiv 2109.07958, mc2).</summary>
    private static double Mass(double[] logs, IReadOnlyList<int> right)
    {
        double[] weights = [.. logs.Select(l => Math.Exp(l - logs.Max()))];
        return right.Sum(r => weights[r]) / weights.Sum();
    }

    /// <summary>Log-likelihood of every choice as an answer, by question.</summary>
    private double[][] Likelihoods(NamedEvaluation evaluation, bool perToken)
    {
        var rows = evaluation.Questions.SelectMany(q => q.Choices.Select(c => Row(q.Prompt, c))).ToArray();
        var sums = LogLikelihood.Completions(model, rows, format.Control.Padding);
        var next = 0;
        return [.. evaluation.Questions.Select(q => q.Choices.Select(_ =>
        {
            var (sum, length) = (sums[next], rows[next].Completion.Length);
            next++;
            return perToken ? sum / length : sum;
        }).ToArray())];
    }

    /// <summary>Of an answer that is longer than the model reads, what it reads: the question fits, with room for a token at least.</summary>
    private (int[] Prompt, int[] Completion) Row(string prompt, string answer)
    {
        var chat = format.Chat("", "", prompt, answer);
        return (chat.Tokens[..chat.PromptLength], chat.Tokens[chat.PromptLength..Math.Min(chat.Tokens.Length, model.Shape.MaxLength)]);
    }

    private double[] Said(NamedEvaluation evaluation, IMetric metric)
    {
        var said = answers([.. evaluation.Questions.Select(q => (q.Id, q.Prompt))]);
        return metric.Score(
            new MetricContext([.. evaluation.Questions.Select(q => q.Prompt)], said, [.. evaluation.Questions.Select(q => q.Reference)]));
    }
}
