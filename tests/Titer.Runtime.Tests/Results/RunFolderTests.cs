using System.Security.Cryptography;
using Titer.Runtime.Results;

namespace Titer.Runtime.Tests.Results;

public sealed class RunFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("titer-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Only_one_process_plays_in_a_folder()
    {
        using var first = RunFolder.Open(_folder);

        var e = Assert.Throws<IOException>(() => RunFolder.Open(_folder));

        Assert.StartsWith("TITER207", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_folder_is_free_again_afterwards()
    {
        RunFolder.Open(_folder).Dispose();

        using var again = RunFolder.Open(_folder);

        Assert.Equal(_folder, again.Path);
    }

    [Fact]
    public void Weights_are_addressed_by_their_content()
    {
        using var folder = RunFolder.Open(_folder);
        var file = Path.Combine(_folder, "w");
        File.WriteAllBytes(file, [1, 2, 3]);

        var hash = folder.AdoptWeights(file);

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([1, 2, 3])), hash);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(folder.WeightsFile(hash)));
        Assert.Equal(hash, folder.AdoptWeights(file));
    }
}
