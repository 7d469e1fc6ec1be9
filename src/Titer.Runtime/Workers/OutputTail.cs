using System.Text;

namespace Titer.Runtime.Workers;

/// <summary>The last lines that a worker wrote to stdout and stderr: evidence when it crashes. Thread-safe.</summary>
internal sealed class OutputTail
{
    private const int MaximumCharacters = 4000;
    private readonly StringBuilder _text = new();

    public void Append(string? line)
    {
        if (line is null) return;
        lock (_text)
        {
            _text.AppendLine(line.Length <= MaximumCharacters ? line : line[..MaximumCharacters]);
            if (_text.Length > MaximumCharacters) _text.Remove(0, _text.Length - MaximumCharacters);
        }
    }

    /// <summary>The last few lines in one line, for a reason text.</summary>
    public string Summary(int lines = 3)
    {
        lock (_text)
        {
            var parts = _text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return string.Join(" | ", parts.TakeLast(lines));
        }
    }

    public override string ToString()
    {
        lock (_text) return _text.ToString();
    }
}
