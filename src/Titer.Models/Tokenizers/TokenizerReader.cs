using Titer.Models.Checkpoints;

namespace Titer.Models.Tokenizers;

/// <summary>Finds a checkpoint folder's tokenizer.</summary>
public static class TokenizerReader
{
    /// <exception cref="CheckpointException">The folder has no tokenizer that is supported.</exception>
    public static ITextTokenizer Read(string folder)
    {
        var sentencePiece = Path.Combine(folder, "tokenizer.model");
        if (File.Exists(sentencePiece)) return new SentencePieceText(sentencePiece);
        var vocabulary = Path.Combine(folder, "vocab.txt");
        if (File.Exists(vocabulary)) return new VocabularyText(vocabulary);
        throw new CheckpointException(File.Exists(Path.Combine(folder, "tokenizer.json"))
            ? $"TITER418 {folder} has only tokenizer.json, which is not supported yet. Add its tokenizer.model (SentencePiece)."
            : $"TITER418 {folder} has no tokenizer. Add tokenizer.model (SentencePiece) or vocab.txt (whole words).");
    }
}
