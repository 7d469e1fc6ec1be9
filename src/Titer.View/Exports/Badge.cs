using System.Globalization;
using System.Security;
using Titer.Tournament;

namespace Titer.View.Exports;

/// <summary>A small picture for a README: what a defense came to, with how sure that is, in words.</summary>
internal static class Badge
{
    private const double CharacterWidth = 6.7;

    public static string Of(LeaderboardRow row)
    {
        var value = row.Status == CellStatus.Done ? $"{row.Titer}, {row.Resistance.ShortWord}" : row.Status.ToString().ToLowerInvariant();
        var color = row.Status != CellStatus.Done || row.Resistance.Verdict == Verdict.Fail ? "#a33400"
            : row.Resistance.Verdict is Verdict.Pass or Verdict.Held ? "#00634a" : "#735600";
        return Svg($"titer {row.Defense}", value, color);
    }

    private static string Svg(string name, string value, string color)
    {
        double Width(string text) => 14 + (text.Length * CharacterWidth);
        var (left, right) = (Width(name), Width(value));
        var whole = SecurityElement.Escape($"{name}: {value}");
        return string.Create(CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{left + right:0}\" height=\"20\" role=\"img\" aria-label=\"{whole}\">"
                + $"<title>{whole}</title><rect width=\"{left:0.#}\" height=\"20\" rx=\"3\" fill=\"#3a4149\"/>"
                + $"<rect x=\"{left:0.#}\" width=\"{right:0.#}\" height=\"20\" rx=\"3\" fill=\"{color}\"/>"
                + $"<g fill=\"#fff\" font-family=\"Verdana,'DejaVu Sans',sans-serif\" font-size=\"11\"><text x=\"7\" y=\"14\">"
                + $"{SecurityElement.Escape(name)}</text><text x=\"{left + 7:0.#}\" y=\"14\">{SecurityElement.Escape(value)}</text></g></svg>\n");
    }
}
