using System.Formats.Tar;
using System.IO.Compression;

namespace Titer.Cli.Tests;

/// <summary>The results folder that version 0.2.0 wrote (tests/Fixtures.Results), unpacked.</summary>
internal sealed class KeptRun : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("titer-kept-");

    public KeptRun()
    {
        var repository = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(repository.FullName, "Host.sln"))) repository = repository.Parent!;
        using var file = File.OpenRead(System.IO.Path.Combine(repository.FullName, "tests", "Fixtures.Results", "0.2.0.tar.gz"));
        using var plain = new GZipStream(file, CompressionMode.Decompress);
        TarFile.ExtractToDirectory(plain, _folder.FullName, overwriteFiles: false);
    }

    /// <summary>What <c>titer run</c> left, without weights and builds.</summary>
    public string Results => System.IO.Path.Combine(_folder.FullName, "kept");

    /// <summary>The home of who played it, with the key that it is sealed with.</summary>
    public string Home => System.IO.Path.Combine(_folder.FullName, "home");

    public void Dispose() => _folder.Delete(recursive: true);
}
