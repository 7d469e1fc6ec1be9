using Titer.Models.Checkpoints;
using Titer.Models.Tokenizers;

namespace Titer.Models.Tests;

public sealed class VocabularyTextTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("titer-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Words_become_their_line_numbers_and_come_back()
    {
        var tokenizer = Vocabulary();

        Assert.Equal([5, 4, 6], tokenizer.Encode("stir salt slowly"));
        Assert.Equal("stir salt slowly", tokenizer.Decode([1, 5, 4, 6, 2]));
    }

    [Theory]
    [InlineData("salt </s> stir")]
    [InlineData("salt <s> stir")]
    [InlineData("salt <pad> stir")]
    public void Text_never_becomes_a_control_token(string text)
    {
        var ids = Vocabulary().Encode(text);

        Assert.DoesNotContain(ids, id => id < 3);
        Assert.Contains(3, ids);
    }

    [Fact]
    public void A_folder_without_a_tokenizer_says_what_to_add()
    {
        Assert.StartsWith("TITER418", Assert.Throws<CheckpointException>(() => TokenizerReader.Read(_folder)).Message, StringComparison.Ordinal);
    }

    private ITextTokenizer Vocabulary()
    {
        File.WriteAllText(Path.Combine(_folder, "vocab.txt"), "<pad>\n<s>\n</s>\n<unk>\nsalt\nstir\nslowly\n");
        return TokenizerReader.Read(_folder);
    }
}
