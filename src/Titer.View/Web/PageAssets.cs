using System.Security.Cryptography;
using System.Text;

namespace Titer.View.Web;

/// <summary>A file of the page.</summary>
internal sealed record PageAsset(string Path, string Type, byte[] Bytes);

/// <summary>The files of the page, as they lie in this assembly. Modules name each other as <c>titer/name</c>, and the page's map says where they
/// are: the same sources are served one by one and written into a page that is one file.</summary>
internal static class PageAssets
{
    private const string Prefix = "page/";
    private const string ShellName = "index.html";

    private static readonly Dictionary<string, PageAsset> All = ReadAll();

    /// <summary>Names by which modules are imported, and their files.</summary>
    public static IReadOnlyList<(string Name, string Path)> Modules { get; } =
    [
        .. All.Keys.Where(p => p.EndsWith(".js", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(p => (p.StartsWith("vendor/", StringComparison.Ordinal) ? Path.GetFileName(p).Split('.')[0] : "titer/" + p[..^3], p)),
    ];

    private static readonly string ImportMap = ImportMapOf(m => "./web/" + m);

    /// <summary>The page that loads everything else.</summary>
    public static byte[] Page { get; } = Encoding.UTF8.GetBytes(PageWith(""));

    /// <summary>The same with results in it, or where they lie.</summary>
    public static string PageWith(string results) => Shell(
        // The map stands first: a module that is there before it finds none of those that it imports, and stays broken.
        $"<script type=\"importmap\">{ImportMap}</script>\n<link rel=\"icon\" href=\"web/icon.svg\">"
            + string.Concat(All.Keys.Where(p => p.EndsWith(".css", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
                .Select(p => $"\n<link rel=\"stylesheet\" href=\"web/{p}\">"))
            + string.Concat(Modules.Select(m => $"\n<link rel=\"modulepreload\" href=\"web/{m.Path}\">")),
        $"{results}<script type=\"module\" src=\"web/app.js\"></script>");

    /// <summary>What the policy allows by name: the one script that stands in the page.</summary>
    public static string ImportMapHash { get; } = $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(ImportMap)))}'";

    public static IEnumerable<PageAsset> Files => All.Values;

    public static PageAsset? Find(string path) => path == ShellName ? null : All.GetValueOrDefault(path);

    /// <param name="address">Where a module lies.</param>
    public static string ImportMapOf(Func<string, string> address) =>
        $"{{\"imports\":{{{string.Join(',', Modules.Select(m => $"\"{m.Name}\":\"{address(m.Path)}\""))}}}}}";

    /// <summary>The page around what it loads.</summary>
    public static string Shell(string head, string end) => Encoding.UTF8.GetString(All[ShellName].Bytes)
        .Replace("<!--head-->", head, StringComparison.Ordinal).Replace("<!--end-->", end, StringComparison.Ordinal);

    private static Dictionary<string, PageAsset> ReadAll()
    {
        var assembly = typeof(PageAssets).Assembly;
        return assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Select(name =>
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return new PageAsset(name[Prefix.Length..].Replace('\\', '/'), TypeOf(name), bytes);
        }).ToDictionary(a => a.Path);
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".html" => "text/html; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    };
}
