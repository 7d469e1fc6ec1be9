namespace Titer.TestSupport;

/// <summary>An empty folder that goes away with the test.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("titer-test-").FullName;

    /// <summary>The path of something in it, which need not be there.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>A folder in it, made where it is missing.</summary>
    public string Sub(string name) => Directory.CreateDirectory(File(name)).FullName;

    /// <returns>The file's path.</returns>
    public string Write(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), text);
        return File(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
