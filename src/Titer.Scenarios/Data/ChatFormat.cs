using Titer.Models.Tokenizers;
using Titer.Sdk.Data;

namespace Titer.Scenarios.Data;

/// <summary>
/// How prompts and answers become one token sequence: <c>&lt;s&gt; user PROMPT assistant ANSWER &lt;/s&gt;</c>. Control tokens are added by id, so text of a data set
/// cannot forge them.
/// </summary>
public sealed class ChatFormat(ITextTokenizer tokenizer)
{
    public ControlTokens Control => tokenizer.Control;

    /// <summary>The tokens that the model continues.</summary>
    public int[] Prompt(string prompt) => [.. Begin(), .. tokenizer.Encode($"user {prompt} assistant")];

    public TokenizedExample Chat(string id, string domain, string prompt, string answer)
    {
        var head = Prompt(prompt);
        return new TokenizedExample(id, domain, [.. head, .. tokenizer.Encode(answer), Control.End], head.Length);
    }

    /// <summary>Plain text, learned from its first word on.</summary>
    public TokenizedExample Text(string id, string text) => new(id, "text", [.. Begin(), .. tokenizer.Encode(text), Control.End], 1);

    public string Decode(IReadOnlyList<int> ids) => tokenizer.Decode(ids);

    private IEnumerable<int> Begin() => Control.Begin is { } begin ? [begin] : [];
}
