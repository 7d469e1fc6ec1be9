using System.Formats.Tar;
using System.IO.Compression;

namespace Titer.TestSupport;

/// <summary>The results folder that version 0.2.0 wrote (tests/Fixtures.Results), unpacked.</summary>
internal sealed class KeptResults : IDisposable
{
    private readonly TestFolder _folder = new();

    public KeptResults()
    {
        using var file = File.OpenRead(Path.Combine(TestRepository.Root, "tests", "Fixtures.Results", "0.2.0.tar.gz"));
        using var plain = new GZipStream(file, CompressionMode.Decompress);
        TarFile.ExtractToDirectory(plain, _folder.Path, overwriteFiles: false);
    }

    /// <summary>What <c>titer run</c> left, without weights and builds.</summary>
    public string Results => Path.Combine(_folder.Path, "kept");

    /// <summary>The home of who played it, with the key that it is sealed with.</summary>
    public string Home => Path.Combine(_folder.Path, "home");

    public void Dispose() => _folder.Dispose();
}
