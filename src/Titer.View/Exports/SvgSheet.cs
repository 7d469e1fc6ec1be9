using System.Globalization;
using System.Security;
using System.Text;

namespace Titer.View.Exports;

/// <summary>
/// A picture of lines and words, light or dark as its reader is. Colors are of Okabe and Ito's set; dashes and signs say what they say.
/// </summary>
internal sealed class SvgSheet
{
    private const string Style = "text{font:13px system-ui,'Liberation Sans',sans-serif;fill:#16191d}.q{fill:#565d66}.g{stroke:#d5d8dc}"
        + ".b{fill:#fff}.h{font-weight:600}.w{fill:#fff}.k{fill:#16191d}"
        + "@media(prefers-color-scheme:dark){text{fill:#eceff2}.w{fill:#fff}.k{fill:#16191d}.q{fill:#a6afb9}.g{stroke:#3a4149}.b{fill:#14171a}}";

    private static readonly string[] Colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a7400", "#777777", "#56b4e9", "#e69f00"];
    private static readonly string[] Dashes = ["", "8 4", "2 3", "10 3 2 3", "5 5", "14 4", "3 6", "1 2"];

    private readonly StringBuilder _body = new();
    private readonly double _width;
    private readonly double _height;
    private readonly string _title;

    /// <param name="title">What it shows, for those who do not see it.</param>
    public SvgSheet(double width, double height, string title) => (_width, _height, _title) = (width, height, title);

    public void Text(double x, double y, string text, string anchor = "start", string css = "") =>
        _body.Append(string.Create(CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\" class=\"{css}\">"))
            .Append(SecurityElement.Escape(text)).Append("</text>\n");

    public void Grid(double x1, double y1, double x2, double y2) => _body.Append(string.Create(CultureInfo.InvariantCulture,
        $"<line x1=\"{x1:0.#}\" y1=\"{y1:0.#}\" x2=\"{x2:0.#}\" y2=\"{y2:0.#}\" class=\"g\"/>\n"));

    /// <param name="series">Chooses color and dash.</param>
    public void Line(IEnumerable<(double X, double Y)> points, int series)
    {
        var path = string.Join(' ', points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.X:0.#},{p.Y:0.#}")));
        _body.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{path}\" fill=\"none\" stroke=\"{Colors[series % Colors.Length]}\" ")
            .Append(CultureInfo.InvariantCulture, $"stroke-width=\"2.5\" stroke-dasharray=\"{Dashes[series % Dashes.Length]}\"/>\n");
    }

    public void Dot(double x, double y, int series, bool isFilled = true) => _body.Append(string.Create(CultureInfo.InvariantCulture,
        $"<circle cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"5\" stroke=\"{Colors[series % Colors.Length]}\" stroke-width=\"2\" fill=\"{
            (isFilled ? Colors[series % Colors.Length] : "none")}\"/>\n"));

    /// <param name="fill">Any color of SVG.</param>
    public void Box(double x, double y, double width, double height, string fill) => _body.Append(string.Create(CultureInfo.InvariantCulture,
        $"<rect x=\"{x:0.#}\" y=\"{y:0.#}\" width=\"{width:0.#}\" height=\"{height:0.#}\" fill=\"{fill}\" class=\"g\"/>\n"));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {_width:0} {_height:0}\" role=\"img\"><title>{SecurityElement.Escape(_title)}"
            + $"</title><style>{Style}</style>\n<rect width=\"100%\" height=\"100%\" class=\"b\"/>\n{_body}</svg>\n");
}
