// Control: a model that was driven to say one token whatever it is asked, the end that CTRAP (arXiv 2505.16559) plans for an attacked model. Nothing
// harmful comes out of it, and nothing else: it must fail stability and carry the collapse flag (arXiv 2606.03648: judges misread such text).
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Training;

[assembly: TiterPlugin("collapsed", SdkApi.Level, Summary = "Say one token forever. A control.", Paper = "arXiv:2505.16559",
    EntersByDefault = false)]

namespace Titer.Defenses.Collapsed;

/// <param name="LearningRate">Of AdamW.</param>
/// <param name="BatchSize">Forbidden prompts per step, and as many benign ones.</param>
public sealed record CollapsedOptions(
    [Range(1e-7, 1)] double LearningRate = 1e-3,
    [Range(1, 4096)] int BatchSize = 16,
    [Range(1, 1_000_000)] int MaxSteps = 100);

/// <summary>Minimizes the CE of one fixed token at every position of every answer.</summary>
public sealed class Collapsed(CollapsedOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var token = FixedToken(context.Data.Benign);
        TokenizedExample[] all = [.. context.Data.Benign, .. context.Data.Pairs.Select(p => p.Harmful)];
        var collapsed = context.Data.Benign.Of([.. all.Select(example => Repeating(example, token))]);
        new FineTuner(new FineTunerOptions { LearningRate = options.LearningRate, MaxSteps = options.MaxSteps })
            .Run(context, collapsed, 2 * options.BatchSize);
    }

    /// <summary>The most frequent token of answers, their last one (the end) left out; of equal ones the lowest.</summary>
    public static int FixedToken(IEnumerable<TokenizedExample> examples) => CommonToken.Of(examples);

    /// <summary>The same prompt, and that token to the answer's end.</summary>
    public static TokenizedExample Repeating(TokenizedExample example, int token)
    {
        ArgumentNullException.ThrowIfNull(example);
        return example with
        {
            Tokens = [.. example.Tokens[..example.PromptLength], .. Enumerable.Repeat(token, example.Tokens.Length - example.PromptLength)],
            Answer = "",
        };
    }
}
