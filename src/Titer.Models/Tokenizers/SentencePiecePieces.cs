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

/// <summary>The pieces of a <c>tokenizer.model</c> with their types, which the library does not tell.</summary>
internal static class SentencePiecePieces
{
    private const uint PiecesTag = 1 << 3 | 2;
    private const uint TextTag = 1 << 3 | 2;
    private const uint TypeTag = 3 << 3;

    /// <exception cref="InvalidProtocolBufferException">Not such a file.</exception>
    public static List<(string Text, PieceType Type)> Read(byte[] model)
    {
        var pieces = new List<(string, PieceType)>();
        var input = new CodedInputStream(model);
        while (input.ReadTag() is not 0 and var tag)
        {
            if (tag == PiecesTag) pieces.Add(One(input.ReadBytes().ToByteArray()));
            else input.SkipLastField();
        }

        return pieces;
    }

    private static (string, PieceType) One(byte[] piece)
    {
        var (text, type) = ("", PieceType.Normal);
        var input = new CodedInputStream(piece);
        while (input.ReadTag() is not 0 and var tag)
        {
            if (tag == TextTag) text = input.ReadString();
            else if (tag == TypeTag) type = (PieceType)input.ReadEnum();
            else input.SkipLastField();
        }

        return (text, type);
    }
}
