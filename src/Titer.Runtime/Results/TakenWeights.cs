using Titer.Files;

namespace Titer.Runtime.Results;

/// <summary>Weights that a worker left, in a place of the host's own. They go away unless they are kept.</summary>
/// <param name="hash">Their SHA-256.</param>
internal sealed class TakenWeights(string path, string hash, Func<string, string> placeOf) : IDisposable
{
    public string Path { get; } = path;

    /// <summary>Puts them at their content address.</summary>
    /// <returns>Their SHA-256.</returns>
    public string Keep()
    {
        var target = placeOf(hash);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
        // What lies there is the same content, or was damaged since.
        ReplacedFile.Commit(Path, target);
        return hash;
    }

    public void Dispose() => File.Delete(Path);
}
