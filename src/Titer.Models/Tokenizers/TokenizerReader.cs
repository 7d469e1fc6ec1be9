using Titer.Models.Checkpoints;

namespace Titer.Models.Tokenizers;

/// <summary>
/// Finds a checkpoint folder's tokenizer: <c>tokenizer.json</c> where there is one, because it
/// alone has the added tokens that chat formats need; else
/// <c>tokenizer.model</c>, else <c>vocab.json</c> with <c>merges.txt</c>, else <c>vocab.txt</c>. The others are not read then.
/// </summary>
public static class TokenizerReader
{
    private static readonly string[] Names =
    [
        "tokenizer.json", "tokenizer.model", SlowTokenizerFiles.Vocabulary, SlowTokenizerFiles.Merges, "vocab.txt", AddedTokens.FileName,
        .. ControlTokenNames.Files,
    ];

    /// <summary>Full paths of all that a folder has of what a tokenizer can be read from, the configurations of control tokens included.</summary>
    public static IReadOnlyList<string> FilesIn(string folder) => [.. Names.Select(name => Path.Combine(folder, name)).Where(File.Exists)];

    /// <exception cref="CheckpointException">The folder has no tokenizer that is supported, or a malformed one.</exception>
    public static ITextTokenizer Read(string folder)
    {
        var json = Path.Combine(folder, "tokenizer.json");
        if (File.Exists(json)) return new BytePairText(JsonPart.Read(json), ControlTokenNames.Read(folder));
        var sentencePiece = Path.Combine(folder, "tokenizer.model");
        if (File.Exists(sentencePiece)) return new SentencePieceText(sentencePiece, ControlTokenNames.Read(folder));
        if (File.Exists(Path.Combine(folder, SlowTokenizerFiles.Vocabulary)) && File.Exists(Path.Combine(folder, SlowTokenizerFiles.Merges)))
            return new BytePairText(SlowTokenizerFiles.Read(folder), ControlTokenNames.Read(folder));
        var vocabulary = Path.Combine(folder, "vocab.txt");
        if (File.Exists(vocabulary)) return new VocabularyText(vocabulary);
        throw new CheckpointException(
            $"TITER418 {folder} has no tokenizer. Add tokenizer.json, tokenizer.model (SentencePiece), vocab.json with merges.txt, or vocab.txt "
                + "(whole words).");
    }
}
