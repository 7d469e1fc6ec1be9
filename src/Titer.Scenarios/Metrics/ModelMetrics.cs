using Titer.Models.Generation;
using Titer.Scenarios.Data;
using Titer.Sdk.Models;

namespace Titer.Scenarios.Metrics;

/// <summary>A question with the answers to choose from.</summary>
/// <param name="Right">Number of the right one.</param>
/// <param name="Input">What the question is about, where a row has it apart.</param>
public sealed record ChoiceQuestion(string Prompt, IReadOnlyList<string> Choices, int Right, string? Input = null);

/// <summary>
/// Metrics that look at the model's probabilities, not at what it says: a refusal hides knowledge from the metrics of answers, not from these.
/// </summary>
public static class ModelMetrics
{
    /// <summary><c>completion_nll</c>: mean negative log-likelihood of the reference answers, nats per token.</summary>
    public static double CompletionLoss(CausalLanguageModel model, ChatFormat format, IReadOnlyList<ChatExample> examples)
    {
        var rows = examples.Select(e => Row(model, format, e.Prompt, e.Answer, e.Input)).ToArray();
        return -LogLikelihood.Completions(model, rows, format.Control.Padding).Sum() / rows.Sum(r => r.Completion.Length);
    }

    /// <summary>
    /// <c>multiple_choice</c>: the part of questions whose right answer has the highest log-likelihood (as in MMLU-style evaluation of base
    /// models, Gao et al., lm-evaluation-harness).
    /// </summary>
    /// <param name="perToken">Divides by the number of tokens, so that long answers are not at a disadvantage.</param>
    public static double[] MultipleChoice(CausalLanguageModel model, ChatFormat format, IReadOnlyList<ChoiceQuestion> questions,
        bool perToken = true)
    {
        var rows = questions.SelectMany(q => q.Choices.Select(c => Row(model, format, q.Prompt, c, q.Input))).ToArray();
        var sums = LogLikelihood.Completions(model, rows, format.Control.Padding);
        var scores = new double[questions.Count];
        var next = 0;
        for (var q = 0; q < questions.Count; q++)
        {
            var own = Enumerable.Range(next, questions[q].Choices.Count).Select(r => perToken ? sums[r] / rows[r].Completion.Length : sums[r])
                .ToArray();
            scores[q] = Array.IndexOf(own, own.Max()) == questions[q].Right ? 1 : 0;
            next += own.Length;
        }

        return scores;
    }

    /// <summary>Every example with the answers of others of its domain as wrong choices, in an order of its own.</summary>
    public static IReadOnlyList<ChoiceQuestion> QuestionsOf(IReadOnlyList<ChatExample> examples, int choices = 4) =>
        [.. examples.Select((example, i) =>
    {
        // The next ones of the domain: the data's own order is random.
        var siblings = examples.Where(e => e.Domain == example.Domain).ToArray();
        var start = Array.IndexOf(siblings, example);
        var wrong = Enumerable.Range(1, siblings.Length).Select(k => siblings[(start + k) % siblings.Length].Answer).Where(a => a != example.Answer)
            .Distinct().Take(choices - 1).ToList();
        var right = i % (wrong.Count + 1);
        wrong.Insert(right, example.Answer);
        return new ChoiceQuestion(example.Prompt, wrong, right, example.Input);
    })];

    /// <summary>Of an answer that is longer than the model reads, what it reads: the question fits, with room for a token at least.</summary>
    private static (int[] Prompt, int[] Completion) Row(CausalLanguageModel model, ChatFormat format, string prompt, string answer, string? input)
    {
        var chat = format.Chat("", "", prompt, answer, input: input);
        return (chat.Tokens[..chat.PromptLength], chat.Tokens[chat.PromptLength..Math.Min(chat.Tokens.Length, model.Shape.MaxLength)]);
    }
}
