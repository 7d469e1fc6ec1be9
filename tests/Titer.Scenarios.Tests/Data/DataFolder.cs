using System.IO.Compression;
using System.Text;

namespace Titer.Scenarios.Tests.Data;

/// <summary>A temporary folder of made-up data files.</summary>
internal sealed class DataFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("titer-data-").FullName;

    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public string Write(string name, byte[] bytes)
    {
        var path = System.IO.Path.Combine(Path, name);
        if (name.EndsWith(".gz", StringComparison.Ordinal))
        {
            using var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest);
            gzip.Write(bytes);
        }
        else if (name.EndsWith(".zst", StringComparison.Ordinal))
        {
            using var zstd = new ZstdSharp.CompressionStream(File.Create(path), leaveOpen: false);
            zstd.Write(bytes);
        }
        else
        {
            File.WriteAllBytes(path, bytes);
        }

        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
