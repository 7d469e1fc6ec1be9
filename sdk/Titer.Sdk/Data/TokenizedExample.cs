namespace Titer.Sdk.Data;

/// <summary>One prompt with its answer, tokenized in the subject's chat format, end token included.</summary>
/// <param name="Id">Stable name of the example.</param>
/// <param name="Domain">The harm domain or benign task it is from.</param>
/// <param name="Tokens">Prompt and answer tokens.</param>
/// <param name="PromptLength">Number of leading tokens that are prompt; the loss is on the rest.</param>
public sealed record TokenizedExample(string Id, string Domain, int[] Tokens, int PromptLength);

/// <summary>The same harmful prompt answered twice: with the harmful answer and with a refusal.</summary>
public sealed record PairedExample(TokenizedExample Harmful, TokenizedExample Refusal);
