namespace Titer.Sdk.Data;

/// <summary>Writes chats in the subject's own format: for attacks that train on text of their own.</summary>
public sealed class ChatText
{
    private readonly Func<string, bool> _canWrite;
    private readonly Func<TokenizedExample, TokenizedExample> _chat;

    /// <param name="canWrite">Whether the vocabulary has a text.</param>
    /// <param name="chat">Tokenizes the prompt and the answer of an example.</param>
    internal ChatText(Func<string, bool> canWrite, Func<TokenizedExample, TokenizedExample> chat) => (_canWrite, _chat) = (canWrite, chat);

    /// <summary>Of a match without a tokenizer (a conformance check): nothing can be written.</summary>
    internal static ChatText None { get; } = new(_ => false, example => example);

    /// <summary>Whether the subject's vocabulary has the text: read back, its tokens are the same text. A small vocabulary has few words.</summary>
    public bool CanWrite(string text) => text.Length == 0 || _canWrite(text);

    /// <summary>
    /// One chat, tokenized as the scenario's own data are. Text that cannot be written comes out with gaps: ask <see cref="CanWrite"/> first.
    /// </summary>
    public TokenizedExample Chat(string id, string domain, string prompt, string answer) =>
        _chat(new TokenizedExample(id, domain, [], 0) { Prompt = prompt, Answer = answer });

    /// <summary>The example as it is asked under a wrapper; the answer begins with the wrapper's beginning.</summary>
    public TokenizedExample Chat(TokenizedExample example, PromptWrapper wrapper)
    {
        ArgumentNullException.ThrowIfNull(example);
        ArgumentNullException.ThrowIfNull(wrapper);
        var answer = wrapper.AnswerBeginning.Length > 0 ? $"{wrapper.AnswerBeginning} {example.Answer}" : example.Answer;
        return Chat(example.Id, example.Domain, wrapper.Apply(example.Prompt), answer);
    }

    /// <summary>Those wrappers whose every word the subject's vocabulary has.</summary>
    public PromptWrapper[] Writable(IEnumerable<PromptWrapper> wrappers) =>
        [.. wrappers.Where(w => CanWrite(w.Apply("").Trim()) && CanWrite(w.AnswerBeginning))];
}
