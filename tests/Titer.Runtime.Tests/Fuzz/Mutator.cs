using System.Globalization;
using System.Text;

namespace Titer.Runtime.Tests.Fuzz;

/// <summary>Damages bytes as an enemy who knows the format would: bits, spans, numbers, texts, members, nesting, length. The same seed, the same
/// damage.</summary>
internal sealed class Mutator(int seed)
{
    private static readonly string[] Numbers =
        ["-1", "0", "1", "1e999", "-1e999", "1e300", "-9223372036854775808", "9223372036854775807", "99999999999999999999", "2147483648", "0.5",
            "NaN", "\"NaN\"", "\"Infinity\"", "null", "[]", "{}", "true", "\"\""];

    private static readonly string[] Texts =
        ["\"\"", "null", "0", "[]", "{}", "\"\\u0000\\u001b[2J\"", "\"\\ud800\"", "\"../../x\"", "\"\u00ff\"", "\"TITER900\"", "\"done\"",
            "\"error\"", "\"Done\"", "\"77\"", $"\"{new string('A', 50_000)}\""];

    private readonly Random _random = new(seed);

    public int Next(int below) => _random.Next(below);

    /// <summary>One to four damages.</summary>
    public byte[] Damage(byte[] input)
    {
        // Latin-1: every byte is one character, and comes back as it was.
        var text = Encoding.Latin1.GetString(input);
        for (var left = 1 + _random.Next(4); left > 0 && text.Length > 0; left--) text = Once(text);
        return Encoding.Latin1.GetBytes(text);
    }

    private string Once(string text)
    {
        var at = _random.Next(text.Length);
        switch (_random.Next(11))
        {
            case 0:
                return Replaced(text, at, 1, ((char)(text[at] ^ (1 << _random.Next(8)) & 0xFF)).ToString());
            case 1:
                return Replaced(text, at, 1, ((char)_random.Next(256)).ToString());
            case 2:
                return text.Remove(at, Length(text, at));
            case 3:
                return text.Insert(_random.Next(text.Length), text.Substring(at, Length(text, at)));
            case 4:
                return text[..at];
            case 5:
                return text.Insert(at, new string('[', _random.Next(2) == 0 ? 30 : 3000));
            case 6:
                var member = text.IndexOf("\":", at, StringComparison.Ordinal) is var m and > 0 ? text.LastIndexOf('"', m - 1) : -1;
                return member < 0 ? text : text.Insert(member + 1, _random.Next(2) == 0 ? "x" : "");
            case 7 or 8:
                return Span(text, at, c => char.IsAsciiDigit(c) || c is '-' or '.' or 'E' or 'e') is var (from, length)
                    ? Replaced(text, from, length, Numbers[_random.Next(Numbers.Length)]) : text;
            case 9:
                var open = text.IndexOf('"', at);
                var close = open < 0 ? -1 : text.IndexOf('"', open + 1);
                return close < 0 ? text : Replaced(text, open, close + 1 - open, Texts[_random.Next(Texts.Length)]);
            default:
                // A whole array or object goes.
                var begin = text.IndexOfAny(['[', '{'], at);
                var end = begin < 0 ? -1 : text.IndexOfAny([']', '}'], begin);
                return end < 0 ? text
                    : Replaced(text, begin, end + 1 - begin,
                    (string)(_random.Next(3) switch { 0 => "[]", 1 => "null", _ =>
                    string.Create(CultureInfo.InvariantCulture, $"[{_random.Next()}]") }));
        }
    }

    private int Length(string text, int at) => Math.Min(1 + _random.Next(_random.Next(4) == 0 ? 400 : 12), text.Length - at);

    private static (int From, int Length)? Span(string text, int at, Func<char, bool> belongs)
    {
        while (at < text.Length && !belongs(text[at])) at++;
        var from = at;
        while (at < text.Length && belongs(text[at])) at++;
        return at > from ? (from, at - from) : null;
    }

    private static string Replaced(string text, int from, int length, string by) =>
        string.Concat(text.AsSpan(0, from), by, text.AsSpan(from + length));
}
