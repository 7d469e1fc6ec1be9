using System.Text.RegularExpressions;

namespace Titer.EndToEnd.Tests;

/// <summary>
/// The embedded scenario, whose trainability is one short fine-tune: of a small tournament that measures something else, the nine ordinary ones of
/// every defended model take most of the time.
/// </summary>
internal static partial class QuickScenario
{
    private static readonly Lazy<string> File = new(Write);

    /// <summary>The last line says the scenario, so that places in the text stay what they are.</summary>
    /// <returns>The tournament's file.</returns>
    public static string WriteTournament(this TestFolder folder, string name, string text) =>
        folder.Write(name, $"{text.TrimEnd('\n')}\nscenario: {File.Value}\n");

    private static string Write()
    {
        var embedded = Path.Combine(TiterProcess.CommandLineFolder, "scenarios", "apothecary");
        var text = System.IO.File.ReadAllText(Path.Combine(embedded, "scenario.yaml"))
            .Replace("folder: subject", $"folder: {Path.Combine(embedded, "subject")}", StringComparison.Ordinal);
        var quick = Trainability().Replace(text, "trainability: { domains: [ink], steps: 4, learning_rates: [2e-3] }");
        Assert.NotEqual(text, quick);
        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "quick-scenario")).FullName;
        var file = Path.Combine(folder, "scenario.yaml");
        System.IO.File.WriteAllText(file, quick);
        return file;
    }

    [GeneratedRegex("^trainability: .*$", RegexOptions.Multiline)]
    private static partial Regex Trainability();
}
