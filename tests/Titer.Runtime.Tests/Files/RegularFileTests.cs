using System.Diagnostics;
using System.Security.Cryptography;
using Titer.Files;

namespace Titer.Runtime.Tests.Files;

/// <summary>What somebody else put where a file should be.</summary>
public sealed class RegularFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("titer-test-").FullName;

    private string Target => Path.Combine(_folder, "target");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_is_copied_with_its_hash()
    {
        var file = Made("file", [1, 2, 3]);

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([1, 2, 3])), RegularFile.CopyTo(file, Target, 3));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(Target));
    }

    [Fact]
    public void A_pipe_is_refused_at_once_though_nobody_writes_to_it()
    {
        var pipe = Path.Combine(_folder, "pipe");
        using (var make = Process.Start("mkfifo", [pipe])) make.WaitForExit();

        AssertRefused(pipe, "no regular file");
    }

    [Fact]
    public void A_link_is_refused_wherever_it_leads()
    {
        var link = Path.Combine(_folder, "link");
        File.CreateSymbolicLink(link, Made("file", [1]));

        AssertRefused(link, "it is a link");
    }

    [Fact]
    public void A_folder_is_refused() => AssertRefused(Directory.CreateDirectory(Path.Combine(_folder, "folder")).FullName, "no regular file");

    [Fact]
    public void A_device_is_refused() => AssertRefused("/dev/zero", "no regular file");

    [Fact]
    public void A_file_that_is_larger_than_it_may_be_is_refused_before_it_is_read()
    {
        var sparse = Path.Combine(_folder, "sparse");
        using (var file = File.Create(sparse)) file.SetLength(1L << 40);

        AssertRefused(sparse, "more than the 1000 that it may have", mostBytes: 1000);
    }

    [Fact]
    public void A_file_that_is_not_there_has_no_hash() => Assert.Null(RegularFile.HashOf(Path.Combine(_folder, "none")));

    private void AssertRefused(string path, string words, long mostBytes = 100)
    {
        Assert.Contains(words, Assert.Throws<InvalidDataException>(() => RegularFile.CopyTo(path, Target, mostBytes)).Message,
            StringComparison.Ordinal);
        if (mostBytes == 100) Assert.Null(RegularFile.HashOf(path));
    }

    private string Made(string name, byte[] content)
    {
        var file = Path.Combine(_folder, name);
        File.WriteAllBytes(file, content);
        return file;
    }
}
