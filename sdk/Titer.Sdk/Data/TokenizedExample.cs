namespace Titer.Sdk.Data;

/// <summary>One prompt with its answer, tokenized in the subject's chat format, end token included.</summary>
/// <param name="Id">Stable name of the example.</param>
/// <param name="Domain">The harm domain or benign task it is from.</param>
/// <param name="Tokens">Prompt and answer tokens.</param>
/// <param name="PromptLength">Number of leading tokens that are prompt; the loss is on the rest.</param>
public sealed record TokenizedExample(string Id, string Domain, int[] Tokens, int PromptLength)
{
    /// <summary>The question as text, without marks of the chat format; empty where it is not known.</summary>
    public string Prompt { get; init; } = "";

    /// <summary>The same question with another example's answer.</summary>
    public TokenizedExample Answered(TokenizedExample other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return this with { Tokens = [.. Tokens.AsSpan(0, PromptLength), .. other.Tokens.AsSpan(other.PromptLength)], Answer = other.Answer };
    }

    /// <summary>The answer as text; empty where it is not known.</summary>
    public string Answer { get; init; } = "";
}

/// <summary>The same harmful prompt answered twice: with the harmful answer and with a refusal.</summary>
public sealed record PairedExample(TokenizedExample Harmful, TokenizedExample Refusal);
