using System.Security.Cryptography;
using System.Text;
using Titer.Models.Tokenizers;

namespace Titer.Models.Tests.Tokenizers;

public sealed class CanonicalFormTests
{
    [Theory]
    [InlineData("304B 3099 300", "304C 300", "304B 3099 300")]
    [InlineData("3099 308 323 344", "3099 323 308 308 301", "3099 323 308 308 301")]
    [InlineData("9BE 4E00 958 F900", "9BE 4E00 915 93C 8C48", "9BE 4E00 915 93C 8C48")]
    [InlineData("1100 1161 11A8 D55C", "AC01 D55C", "1100 1161 11A8 1112 1161 11AB")]
    [InlineData("212B 1E69 1F600", "C5 1E69 1F600", "41 30A 73 323 307 1F600")]
    public void Known_sequences_compose_and_decompose(string text, string composed, string decomposed)
    {
        Assert.Equal(composed, Points(CanonicalForm.Compose(Text(text))));
        Assert.Equal(decomposed, Points(CanonicalForm.Decompose(Text(text))));
    }

    /// <summary>The digests are of Python's unicodedata (Unicode 14) over the same texts; beyond the third plane nothing decomposes.</summary>
    [Fact]
    public void Every_letter_between_a_letter_and_two_marks_agrees_with_another_implementation()
    {
        using var composed = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var decomposed = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var point = 0; point < 0x30000; point++)
        {
            if (!Rune.IsValid(point)) continue;
            var text = $"a{new Rune(point)}\u0323\u0301";
            composed.AppendData(Encoding.UTF8.GetBytes(CanonicalForm.Compose(text)));
            decomposed.AppendData(Encoding.UTF8.GetBytes(CanonicalForm.Decompose(text)));
        }

        Assert.Equal("b27ce5ce294e91620790aef953167cd7d8487ce92f6d21bbbca5901740040d85", Convert.ToHexStringLower(composed.GetHashAndReset()));
        Assert.Equal("b555a57847777ee58996e15a10513e940b533f62a7aa7e15b3b394a4c840e39d", Convert.ToHexStringLower(decomposed.GetHashAndReset()));
    }

    private static string Text(string points) => string.Concat(points.Split(' ').Select(p => new Rune(Convert.ToInt32(p, 16)).ToString()));

    private static string Points(string text) =>
        string.Join(' ', text.EnumerateRunes().Select(r => r.Value.ToString("X", System.Globalization.CultureInfo.InvariantCulture)));
}
