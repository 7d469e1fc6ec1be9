// An Embarrassingly Simple Defense Against LLM Abliteration Attacks (arXiv 2505.19056): fine-tune on long refusals that restate the question,
// refuse and justify, so that refusing is spread over many tokens and no one direction carries it.
// Deviation: nobody writes new text here. The answer is made of the defender's own tokens: the question, the pair's refusal, and another refusal
// of the data in place of a reason. Too long a sequence loses the question first, then the reason.
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Training;

[assembly: TiterPlugin("extended_refusal", SdkApi.Level, Summary = "Train long refusals: restate, refuse, justify.",
    Paper = "arXiv:2505.19056", EntersByDefault = false)]

namespace Titer.Defenses.ExtendedRefusal;

/// <param name="LearningRate">Of AdamW.</param>
/// <param name="BatchSize">Refusals per step, and as many benign chats.</param>
/// <param name="RetainWeight">Weight of the loss on benign chat; paper: 5,711 chats beside 4,289 refusals.</param>
public sealed record ExtendedRefusalOptions(
    [Range(1e-7, 1)] double LearningRate = 1e-3,
    [Range(1, 4096)] int BatchSize = 16,
    [Range(0, 100)] double RetainWeight = 1,
    [Range(1, 1_000_000)] int MaxSteps = 100);

/// <summary>Minimizes CE(extended refusal | harmful prompt) + retain_weight * CE(answer | benign prompt).</summary>
public sealed class ExtendedRefusal(ExtendedRefusalOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var extended = Extend(context.Data, context.Model.Shape.MaxLength, context.Random.Fork("reasons"))
            .Shuffle(context.Random.Fork("pairs"), options.BatchSize);
        var benign = context.Data.Benign.Shuffle(context.Random.Fork("benign"), options.BatchSize);
        new FineTuner(new FineTunerOptions { LearningRate = options.LearningRate, MaxSteps = options.MaxSteps }).Run(context, () =>
        {
            var loss = FineTuner.SupervisedLoss(context.Model, extended.Next());
            return options.RetainWeight == 0 ? loss : loss + options.RetainWeight * FineTuner.SupervisedLoss(context.Model, benign.Next());
        });
    }

    /// <summary>Every forbidden prompt with its extended refusal, of at most so many tokens together.</summary>
    public static ExampleSet Extend(DefenseData data, int maxLength, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(random);
        TokenizedExample[] refusals = [.. data.Pairs.Select(p => p.Refusal)];
        // What every prompt has around its question are marks of the chat format.
        var prompts = refusals.Concat(data.Benign).Select(e => e.Tokens[..e.PromptLength]).ToArray();
        var (before, after) = (Common(prompts), Common([.. prompts.Select(p => p.Reverse().ToArray())]));
        return data.Benign.Of([.. refusals.Select(refusal =>
        {
            int[] question = [.. refusal.Tokens[..refusal.PromptLength].Skip(before).SkipLast(after)];
            var reason = Reason(refusal, refusals, random);
            var length = refusal.Tokens.Length;
            if (length + reason.Length + question.Length > maxLength) question = [];
            if (length + reason.Length > maxLength) reason = [];
            var answer = refusal.Tokens[refusal.PromptLength..];
            return refusal with
            {
                Tokens = [.. refusal.Tokens[..refusal.PromptLength], .. question, .. answer[..^1], .. reason, answer[^1]],
                Answer = "",
            };
        })]);
    }

    /// <summary>The words of another refusal, without its end; empty where all of them say the same.</summary>
    private static int[] Reason(TokenizedExample refusal, TokenizedExample[] all, SeededRandom random)
    {
        int[] Words(TokenizedExample example) => example.Tokens[example.PromptLength..^1];
        var own = Words(refusal);
        var order = random.Permutation(all.Length);
        return order.Select(i => Words(all[i])).FirstOrDefault(words => !words.SequenceEqual(own), []);
    }

    private static int Common(int[][] sequences) =>
        Enumerable.Range(0, sequences.Min(s => s.Length)).TakeWhile(i => sequences.All(s => s[i] == sequences[0][i])).Count();
}
