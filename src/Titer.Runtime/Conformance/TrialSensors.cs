using System.Text;

namespace Titer.Runtime.Conformance;

/// <summary>
/// What threads other than the host's write to the console while a trial runs. The host's own thread waits then; a test runner's
/// threads are told apart by their names.
/// </summary>
internal sealed class OutputSensor : TextWriter
{
    private const string PluginThread = "plugin";
    private const int MaximumCharacters = 1000;

    private readonly StringBuilder _text = new();
    private TextWriter _original = Null;

    public override Encoding Encoding => Encoding.UTF8;

    public string Text
    {
        get
        {
            lock (_text) return _text.ToString();
        }
    }

    public void Begin()
    {
        _original = Console.Out;
        Console.SetOut(this);
    }

    public void End() => Console.SetOut(_original);

    public override void Write(char value) => Write([value]);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (Thread.CurrentThread.Name != PluginThread)
        {
            _original.Write(buffer);
            return;
        }

        // Evidence, not a log: a plugin may write without end.
        lock (_text) _text.Append(buffer[..Math.Min(buffer.Length, MaximumCharacters - _text.Length)]);
    }
}

/// <summary>A clock of which every reading takes a second: a budget of seconds runs out after a known number of charges.</summary>
internal sealed class SteppingClock : TimeProvider
{
    private long _seconds;

    public override long TimestampFrequency => 1;

    public override long GetTimestamp() => Interlocked.Increment(ref _seconds);
}
