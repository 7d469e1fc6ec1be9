using Google.Protobuf;

namespace Titer.Models.Tokenizers;

/// <summary>What a piece of a SentencePiece model is; the numbers are those of its file format.</summary>
internal enum PieceType
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

/// <param name="Score">Of two pairs the one with the higher score merges first.</param>
internal readonly record struct SentencePiece(string Text, float Score, PieceType Type);

/// <summary>The part of a <c>tokenizer.model</c> that is read: sentencepiece_model.proto.</summary>
internal sealed class SentencePieceFile
{
    private readonly List<SentencePiece> _pieces = [];

    public IReadOnlyList<SentencePiece> Pieces => _pieces;

    /// <summary>A space before a text that begins none.</summary>
    public bool AddsPrefix { get; private set; } = true;

    public bool RemovesExtraSpaces { get; private set; } = true;

    /// <summary>It rewrites characters (nmt_nfkc and others), by rules in the file.</summary>
    public bool RewritesCharacters { get; private set; }

    /// <summary>Characters without a piece are spelled as bytes.</summary>
    public bool FallsBackToBytes { get; private set; }

    /// <exception cref="InvalidProtocolBufferException">Not such a file.</exception>
    public static SentencePieceFile Read(byte[] model)
    {
        var file = new SentencePieceFile();
        Each(model, (field, input) =>
        {
            switch (field)
            {
                case 1:
                    file._pieces.Add(Piece(input.ReadBytes().ToByteArray()));
                    return true;
                case 2:
                    Each(input.ReadBytes().ToByteArray(), (inner, trainer) =>
                    {
                        if (inner != 35) return false;
                        file.FallsBackToBytes = trainer.ReadBool();
                        return true;
                    });
                    return true;
                case 3:
                    Each(input.ReadBytes().ToByteArray(), file.Normalizer);
                    return true;
                default:
                    return false;
            }
        });
        return file;
    }

    private bool Normalizer(int field, CodedInputStream input)
    {
        switch (field)
        {
            case 2:
                RewritesCharacters = input.ReadBytes().Length > 0;
                return true;
            case 3:
                AddsPrefix = input.ReadBool();
                return true;
            case 4:
                RemovesExtraSpaces = input.ReadBool();
                return true;
            default:
                return false;
        }
    }

    private static SentencePiece Piece(byte[] message)
    {
        var piece = new SentencePiece("", 0, PieceType.Normal);
        Each(message, (field, input) =>
        {
            switch (field)
            {
                case 1:
                    piece = piece with { Text = input.ReadString() };
                    return true;
                case 2:
                    piece = piece with { Score = input.ReadFloat() };
                    return true;
                case 3:
                    piece = piece with { Type = (PieceType)input.ReadEnum() };
                    return true;
                default:
                    return false;
            }
        });
        return piece;
    }

    /// <param name="read">Whether it has read the field; others are skipped.</param>
    private static void Each(byte[] message, Func<int, CodedInputStream, bool> read)
    {
        var input = new CodedInputStream(message);
        while (input.ReadTag() is not 0 and var tag)
            if (!read((int)(tag >> 3), input)) input.SkipLastField();
    }
}
