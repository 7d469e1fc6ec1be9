using System.Text;

namespace Titer.Models.Tokenizers;

/// <summary>GPT-2's alphabet: every byte has a visible character, so that a vocabulary of texts can hold any bytes.</summary>
internal static class ByteLevelAlphabet
{
    private static readonly char[] Characters = Make();
    private static readonly Dictionary<char, byte> Bytes = Characters.Select((c, b) => (c, b)).ToDictionary(p => p.c, p => (byte)p.b);

    public static string Letter(byte value) => Characters[value].ToString();

    public static string Of(string text) => string.Create(Encoding.UTF8.GetByteCount(text), text, (span, source) =>
    {
        var bytes = Encoding.UTF8.GetBytes(source);
        for (var i = 0; i < bytes.Length; i++) span[i] = Characters[bytes[i]];
    });

    /// <summary>Bytes of a token; a token with other characters stands for its own text.</summary>
    public static byte[] BytesOf(string token) =>
        token.All(Bytes.ContainsKey) ? [.. token.Select(c => Bytes[c])] : Encoding.UTF8.GetBytes(token);

    private static char[] Make()
    {
        var characters = new char[256];
        var next = 256;
        for (var b = 0; b < 256; b++)
            characters[b] = b is >= '!' and <= '~' or >= '¡' and <= '¬' or >= '®' and <= 'ÿ' ? (char)b : (char)next++;
        return characters;
    }
}
