using System.Text;
using Titer.View.Web;

namespace Titer.View.Exports;

/// <summary>The page as one file that is opened from a disk: scripts, styles and results are in it, and its policy lets it load nothing.</summary>
internal static class SinglePage
{
    private const string Policy = "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; img-src data: blob:; "
        + "base-uri 'none'; form-action 'none'";

    public static string Html(IReadOnlyList<KeptRun> runs)
    {
        var styles = PageAssets.Files.Where(f => f.Path.EndsWith(".css", StringComparison.Ordinal)).OrderBy(f => f.Path, StringComparer.Ordinal)
            .Select(f => $"<style>\n{Encoding.UTF8.GetString(f.Bytes)}</style>\n");
        var head = $"<meta http-equiv=\"Content-Security-Policy\" content=\"{Policy}\">\n<meta name=\"generator\" content=\"titer report --html\">\n"
            + $"<link rel=\"icon\" href=\"{Inline("icon.svg")}\">\n{string.Concat(styles)}";
        var kept = KeptResults.Json(runs, (_, board) => board, (_, _, cell) => cell);
        return PageAssets.Shell(head, $"<script type=\"application/json\" id=\"results\">{kept}</script>\n"
            + $"<script type=\"importmap\">{PageAssets.ImportMapOf(Inline)}</script>\n<script type=\"module\">import 'titer/app';</script>");
    }

    private static string Inline(string path)
    {
        var asset = PageAssets.Find(path)!;
        return $"data:{asset.Type.Replace("; ", ";", StringComparison.Ordinal)};base64,{Convert.ToBase64String(asset.Bytes)}";
    }
}
