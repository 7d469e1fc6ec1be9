namespace Titer.Models.Tests.Tokenizers;

/// <summary>Harmless nonsense that is hard for tokenizers, the same for the same seed.</summary>
internal static class RandomText
{
    /// <summary>What merges are learned from.</summary>
    public const string Corpus =
        "the kettle sings and the lantern swings, they're not wrong: it's 1984 kettles & 365 lanterns. The baker's oven won't heat; we'll stir "
            + "12 spoons of sugar\n\nthen they've a naïve café überall, 東京の茶 и чай, 100% of it. I'd say THEY'LL sing again!!! ... the end   of "
            + "the song";

    private static readonly string[] Parts =
    [
        "the", "kettle", "sing", "THEY", "they", "'re", "'S", "'s", "'ll", "'LL", "'t", "'", " ", "  ", "   ", "\n", "\r\n", "\n\n", "\t", "\u00a0",
        "\u3000", "0", "7", "12", "365", "1984", "12345", "٣٤",
        "²", "Ⅷ", "!", "?!", "...", "…", "-", "_", "<", ">", "|", "[", "]", "/", "é", "e\u0301", "naïve", "ß", "東京", "の", "чай", "😀", "👩‍👩‍👧",
        "🇩🇪", "𝓗ello", "𝟘", "𐐀", "\u200d", "\ufeff", "x", "Q", "s", "S",
        "<|end|>", "</s>", "<s>", "<unk>", "[INST]", "<0x41>", "▁", "Ġ",
    ];

    public static IEnumerable<string> Many(int count, int seed)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count)
            .Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => Parts[random.Next(Parts.Length)]))).ToArray();
    }
}
