namespace Titer.Runtime.Tests.Plugins;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("titer-test-").FullName;

    public string Sub(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;

    /// <summary>A copy of a fixture that a test may change.</summary>
    public string CopyOf(string fixture, string name)
    {
        var target = Sub(name);
        foreach (var file in Directory.EnumerateFiles(FixtureFolder.Of(fixture)))
            File.Copy(file, System.IO.Path.Combine(target, System.IO.Path.GetFileName(file)));
        return target;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
