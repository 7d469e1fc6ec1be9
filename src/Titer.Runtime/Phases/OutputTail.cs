using System.Diagnostics;
using System.Text;

namespace Titer.Runtime.Phases;

/// <summary>
/// What a process wrote to stdout and stderr: evidence when it crashes. Keeps the last few thousand characters and the first line that
/// says why a process ended, however much a plugin prints and whether or not it ends its lines. Thread-safe.
/// </summary>
internal sealed class OutputTail
{
    private const int MaximumCharacters = 4000;
    private const int MaximumCauseCharacters = 400;

    /// <summary>How the runtime, libstdc++ and the loader begin their last words; the stack that follows would push them out.</summary>
    private static readonly string[] LastWords =
        ["Unhandled exception.", "Stack overflow", "Process terminated.", "Fatal error.", "terminate called", "  what():", "Out of memory.",
            "bwrap: "];

    /// <summary>What a process said is there soon after its end, unless a child that it left holds its streams.</summary>
    private static readonly TimeSpan MostSilence = TimeSpan.FromSeconds(2);

    private readonly StringBuilder _text = new();
    private readonly StringBuilder _line = new();
    private string _cause = "";
    private bool _causeGoesOn;
    private Task _heard = Task.CompletedTask;

    /// <summary>Reads what a process writes, until it ends.</summary>
    public void Listen(Process process)
    {
        ArgumentNullException.ThrowIfNull(process);
        // Raw streams: a line reader would keep a line without an end in memory for ever, and exit would wait for orphans that hold the pipe.
        _heard = Task.WhenAll(PumpAsync(process.StandardOutput.BaseStream), PumpAsync(process.StandardError.BaseStream));
    }

    /// <summary>After the process has ended: its last words are still on their way then.</summary>
    public async Task HearOutAsync()
    {
        try
        {
            await _heard.WaitAsync(MostSilence);
        }
        catch (TimeoutException)
        {
            // An orphan may say more, and is not waited for.
        }
    }

    /// <summary>The same for who has a thread of its own.</summary>
    public void HearOut() => _heard.Wait(MostSilence);

    /// <summary>Reads to the end of the stream, in bounded memory.</summary>
    public async Task PumpAsync(Stream stream)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, bufferSize: 1 << 14);
        var buffer = new char[1 << 13];
        try
        {
            for (int read; (read = await reader.ReadAsync(buffer)) > 0;) Append(buffer.AsSpan(0, read));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The process is gone, or its output is no longer wanted.
        }
    }

    public void Append(ReadOnlySpan<char> text)
    {
        lock (_text)
        {
            _text.Append(text.Length <= MaximumCharacters ? text : text[^MaximumCharacters..]);
            if (_text.Length > 2 * MaximumCharacters) _text.Remove(0, _text.Length - MaximumCharacters);
            for (int end; (end = text.IndexOf('\n')) >= 0; text = text[(end + 1)..])
            {
                Lengthen(text[..end]);
                NoteCause();
                _line.Clear();
            }

            Lengthen(text);
        }
    }

    /// <summary>Why the process ended if it said so, else its last few lines; on one line, for a reason text.</summary>
    public string Summary(int lines = 3)
    {
        lock (_text)
        {
            NoteCause();
            if (_cause.Length > 0) return _cause;
            var parts = _text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            var summary = string.Join(" | ", parts.TakeLast(lines));
            return summary.Length <= 300 ? summary : string.Concat("...", summary.AsSpan(summary.Length - 300));
        }
    }

    public override string ToString()
    {
        lock (_text) return _text.ToString();
    }

    /// <summary>A line is looked at by its beginning; its end may never come.</summary>
    private void Lengthen(ReadOnlySpan<char> text) =>
        _line.Append(text[..Math.Min(text.Length, Math.Max(0, MaximumCauseCharacters - _line.Length))]);

    private void NoteCause()
    {
        var line = _line.ToString();
        var speaks = LastWords.Any(words => line.StartsWith(words, StringComparison.Ordinal));
        // The runtime puts the message of FailFast and the kind of a fatal error on a line of their own.
        if ((!speaks && !_causeGoesOn) || _cause.Length > MaximumCauseCharacters) return;
        line = line.Trim();
        _causeGoesOn = speaks && line.EndsWith('.');
        if (line.Length == 0 || line.StartsWith("at ", StringComparison.Ordinal) || _cause.Contains(line, StringComparison.Ordinal)) return;
        _cause = _cause.Length == 0 ? line : $"{_cause} {line}";
    }
}
