using System.Text.Json;

namespace Titer.Scenarios.Tests.Metrics;

/// <summary>Public data that lies beside the repository; tests that need it skip where it is absent.</summary>
internal static class DataFixtures
{
    public static string Require(string name)
    {
        var folder = Find();
        Assert.SkipUnless(folder is not null, "The folder ../shared/fixtures with reference values is not beside the repository.");
        return Path.Combine(folder!, name);
    }

    public static IReadOnlyList<JsonElement> RequireJsonLines(string name) =>
        [.. File.ReadLines(Require(name)).Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line).RootElement)];

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Host.sln"))) continue;
            var fixtures = Path.Combine(folder.FullName, "..", "shared", "fixtures");
            return Directory.Exists(fixtures) ? fixtures : null;
        }

        return null;
    }
}
