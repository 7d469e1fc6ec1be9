using System.Text;
using Titer.Files;

namespace Titer.Runtime.Tests.Results;

public sealed class BoundedLinesTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("one", "one")]
    [InlineData("one\n", "one")]
    [InlineData("one\n\ntwo\n", "one||two")]
    public void Lines_are_those_of_the_text(string text, string lines) =>
        Assert.Equal(lines, string.Join('|', BoundedLines.Of(Stream(text), 10, 100).Select(Encoding.UTF8.GetString)));

    [Fact]
    public void Lines_over_the_reading_buffer_are_whole()
    {
        string[] lines = [new('a', 70_000), "b", new('c', 65_536), new('d', 65_535)];
        Assert.Equal(lines, BoundedLines.Of(Stream(string.Join('\n', lines)), 100_000, 1_000_000).Select(Encoding.UTF8.GetString));
    }

    [Fact]
    public void A_line_without_an_end_is_refused_before_it_fills_the_memory() =>
        Assert.Throws<InvalidDataException>(() => BoundedLines.Of(new Zeros(), mostLineBytes: 1 << 20, mostBytes: long.MaxValue).Count());

    [Fact]
    public void A_text_without_an_end_is_refused() =>
        Assert.Throws<InvalidDataException>(
            () => BoundedLines.Of(Stream(string.Concat(Enumerable.Repeat("x\n", 1000))), 10, mostBytes: 500).Count());

    private static MemoryStream Stream(string text) => new(Encoding.UTF8.GetBytes(text));

    /// <summary>What a small compressed file can unpack to.</summary>
    private sealed class Zeros : System.IO.Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            Array.Clear(buffer, offset, count);
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
