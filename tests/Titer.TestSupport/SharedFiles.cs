using System.Text.Json;

namespace Titer.TestSupport;

/// <summary>Reference values and public data in <c>../shared/fixtures</c> beside the repository; tests that need them skip where they are not.
/// </summary>
internal static class SharedFiles
{
    private static readonly string Folder = Path.GetFullPath(Path.Combine(TestRepository.Root, "..", "shared", "fixtures"));

    public static string Require(string name)
    {
        var path = Path.Combine(Folder, name);
        Assert.SkipUnless(Directory.Exists(Folder), "The folder ../shared/fixtures with reference values is not beside the repository.");
        return path;
    }

    public static JsonElement RequireJson(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Require(name)));
        return document.RootElement.Clone();
    }

    public static IReadOnlyList<JsonElement> RequireJsonLines(string name) =>
        [.. File.ReadLines(Require(name)).Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line).RootElement)];
}
