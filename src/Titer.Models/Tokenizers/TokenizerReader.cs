using Titer.Models.Checkpoints;

namespace Titer.Models.Tokenizers;

/// <summary>Finds a checkpoint folder's tokenizer: <c>tokenizer.model</c> before <c>vocab.txt</c> before <c>tokenizer.json</c>, since the first two leave no choices.</summary>
public static class TokenizerReader
{
    /// <exception cref="CheckpointException">The folder has no tokenizer that is supported.</exception>
    public static ITextTokenizer Read(string folder)
    {
        var sentencePiece = Path.Combine(folder, "tokenizer.model");
        if (File.Exists(sentencePiece)) return new SentencePieceText(sentencePiece);
        var vocabulary = Path.Combine(folder, "vocab.txt");
        if (File.Exists(vocabulary)) return new VocabularyText(vocabulary);
        if (File.Exists(Path.Combine(folder, "tokenizer.json"))) return new ByteLevelText(folder);
        throw new CheckpointException($"TITER418 {folder} has no tokenizer. Add tokenizer.json (byte-level BPE), tokenizer.model (SentencePiece) or vocab.txt (whole words).");
    }
}
