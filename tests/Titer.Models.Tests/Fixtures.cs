using System.Text.Json;
using Titer.Models.Checkpoints;
using Titer.Sdk;
using Titer.Sdk.Models;

namespace Titer.Models.Tests;

/// <summary>Reference values that lie beside the repository; tests that need them skip where they are absent.</summary>
internal static class Fixtures
{
    private static readonly string? Folder = Find();

    public static string Require(string name)
    {
        Assert.SkipUnless(Folder is not null, "The folder ../shared/fixtures with reference values is not beside the repository.");
        return Path.Combine(Folder!, name);
    }

    public static JsonElement RequireJson(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Require(name)));
        return document.RootElement.Clone();
    }

    public static CausalLanguageModel Stories(string variant = "stories260K-hf") => CheckpointReader.Read(Require(variant), Cpu());

    public static DeviceContext Cpu() => DeviceSelection.Open("cpu");

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
