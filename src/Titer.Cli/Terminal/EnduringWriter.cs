using System.Text;

namespace Titer.Cli.Terminal;

/// <summary>Writes to a terminal or pipe as long as somebody is at its other end. When that one goes away (a closed
/// terminal, an ended ssh), the run goes on in silence.</summary>
internal sealed class EnduringWriter(TextWriter inner) : TextWriter
{
    private bool _isGone;

    public override Encoding Encoding => inner.Encoding;

    /// <summary>Puts it before the console's own writers.</summary>
    public static void Install()
    {
        Console.SetOut(Synchronized(new EnduringWriter(Console.Out)));
        Console.SetError(Synchronized(new EnduringWriter(Console.Error)));
    }

    public override void Write(char value) => Try(() => inner.Write(value));

    public override void Write(string? value) => Try(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer)
    {
        // A span cannot be captured.
        var text = buffer.ToString();
        Try(() => inner.Write(text));
    }

    public override void Flush() => Try(inner.Flush);

    private void Try(Action write)
    {
        if (_isGone) return;
        try
        {
            write();
        }
        catch (IOException)
        {
            _isGone = true;
        }
    }
}
