using System.Text;

namespace Titer.Runtime.Workers;

/// <summary>
/// What a worker wrote to stdout and stderr: evidence when it crashes. Keeps the last few thousand characters and the first line that
/// says why a process ended, however much a plugin prints and whether or not it ends its lines. Thread-safe.
/// </summary>
internal sealed class OutputTail
{
    private const int MaximumCharacters = 4000;

    /// <summary>How the runtime, libstdc++ and the loader begin their last words; the stack that follows would push them out.</summary>
    private static readonly string[] LastWords =
        ["Unhandled exception.", "Stack overflow", "Process terminated.", "Fatal error.", "terminate called", "  what():", "Out of memory.", "bwrap: "];

    private readonly StringBuilder _text = new();
    private readonly StringBuilder _line = new();
    private string _cause = "";

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
            _text.Append(text);
            if (_text.Length > 2 * MaximumCharacters) _text.Remove(0, _text.Length - MaximumCharacters);
            foreach (var character in text)
            {
                if (character != '\n' && _line.Length < MaximumCharacters)
                {
                    _line.Append(character);
                    continue;
                }

                NoteCause(_line.ToString());
                _line.Clear();
            }
        }
    }

    /// <summary>Why the process ended if it said so, else its last few lines; on one line, for a reason text.</summary>
    public string Summary(int lines = 3)
    {
        lock (_text)
        {
            NoteCause(_line.ToString());
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

    private void NoteCause(string line)
    {
        if (!LastWords.Any(words => line.StartsWith(words, StringComparison.Ordinal)) || _cause.Length > 600) return;
        line = line.Trim();
        if (!_cause.Contains(line, StringComparison.Ordinal)) _cause = _cause.Length == 0 ? line : $"{_cause} | {line}";
        if (_cause.Length > 600) _cause = _cause[..600];
    }
}
