namespace Titer.Scenarios.Tests;

/// <summary>A private copy of the shipped scenario, to be damaged.</summary>
internal sealed class ScenarioCopy : IDisposable
{
    public ScenarioCopy()
    {
        Folder = Directory.CreateTempSubdirectory("titer-scenario-").FullName;
        var source = Path.GetDirectoryName(Scenario.Open("apothecary").SubjectFolder)!;
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(Folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            // Bytes, not a copy: build output may be links, and damage must not reach their targets.
            File.WriteAllBytes(target, File.ReadAllBytes(file));
        }
    }

    public string Folder { get; }

    public string SettingsFile => Path.Combine(Folder, "scenario.yaml");

    public string Weights => Path.Combine(Folder, "subject", "model.safetensors");

    public void Edit(string from, string to)
    {
        var text = File.ReadAllText(SettingsFile);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(SettingsFile, text.Replace(from, to, StringComparison.Ordinal));
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
