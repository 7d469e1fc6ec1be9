using Google.Protobuf;

namespace Titer.Models.Tests.Tokenizers;

/// <summary>Writes a made-up <c>tokenizer.model</c> of the BPE kind: its messages and field numbers
/// are those of sentencepiece_model.proto.</summary>
internal static class SentencePieceModel
{
    public const int Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6;

    public static TokenizerFolder Folder(IEnumerable<(string Text, float Score, int Type)> pieces, bool bytes = false,
        bool removesExtraSpaces = false, bool addsPrefix = true, string rules = "")
    {
        (string Text, float Score, int Type)[] all =
        [
            ("<unk>", 0, Unknown), ("<s>", 0, Control), ("</s>", 0, Control),
            .. bytes ? Enumerable.Range(0, 256).Select(b => ($"<0x{b:X2}>", 0f, Byte)) : [],
            .. pieces,
        ];
        var folder = new TokenizerFolder();
        File.WriteAllBytes(Path.Combine(folder.Path, "tokenizer.model"), Message(output =>
        {
            foreach (var (text, score, type) in all)
            {
                output.WriteTag(1, WireFormat.WireType.LengthDelimited);
                output.WriteBytes(ByteString.CopyFrom(Message(piece =>
                {
                    piece.WriteTag(1, WireFormat.WireType.LengthDelimited);
                    piece.WriteString(text);
                    piece.WriteTag(2, WireFormat.WireType.Fixed32);
                    piece.WriteFloat(score);
                    piece.WriteTag(3, WireFormat.WireType.Varint);
                    piece.WriteEnum(type);
                })));
            }

            output.WriteTag(2, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(Message(trainer =>
            {
                foreach (var (field, value) in (ReadOnlySpan<(int, int)>)[(3, 2), (35, bytes ? 1 : 0), (40, 0), (41, 1), (42, 2), (43, -1)])
                {
                    trainer.WriteTag(field, WireFormat.WireType.Varint);
                    trainer.WriteInt32(value);
                }
            })));
            output.WriteTag(3, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(Message(normalizer =>
            {
                normalizer.WriteTag(1, WireFormat.WireType.LengthDelimited);
                normalizer.WriteString(rules.Length > 0 ? rules : "identity");
                if (rules.Length > 0)
                {
                    normalizer.WriteTag(2, WireFormat.WireType.LengthDelimited);
                    normalizer.WriteBytes(ByteString.CopyFromUtf8("rules"));
                }

                foreach (var (field, value) in (ReadOnlySpan<(int, bool)>)[(3, addsPrefix), (4, removesExtraSpaces), (5, true)])
                {
                    normalizer.WriteTag(field, WireFormat.WireType.Varint);
                    normalizer.WriteBool(value);
                }
            })));
        }));
        return folder.Write("tokenizer_config.json", """{"bos_token":"<s>","eos_token":"</s>","unk_token":"<unk>"}""");
    }

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var memory = new MemoryStream();
        using (var output = new CodedOutputStream(memory, leaveOpen: true)) write(output);
        return memory.ToArray();
    }
}
