using System.Security.Cryptography;
using Titer.Files;
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

        var e = Assert.Throws<FileRefusalException>(() => RunFolder.Open(_folder));

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

        string Keep()
        {
            using var taken = folder.TakeWeights(file, 100);
            return taken.Keep();
        }

        var hash = Keep();
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([1, 2, 3])), hash);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(folder.WeightsFile(hash)));
        Assert.Equal(hash, Keep());
        Assert.Empty(Directory.GetFiles(_folder, "*.tmp", SearchOption.AllDirectories));
    }

    [Fact]
    public void Weights_that_are_not_kept_go_away()
    {
        using var folder = RunFolder.Open(_folder);
        File.WriteAllBytes(Path.Combine(_folder, "w"), [1, 2, 3]);

        folder.TakeWeights(Path.Combine(_folder, "w"), 100).Dispose();

        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_folder, "weights")));
    }

    [Fact]
    public void Weights_that_change_on_the_disk_are_noticed_and_set_aside()
    {
        using var folder = RunFolder.Open(_folder);
        File.WriteAllBytes(Path.Combine(_folder, "w"), [1, 2, 3]);
        using var taken = folder.TakeWeights(Path.Combine(_folder, "w"), 100);
        var hash = taken.Keep();
        var stored = new StoredWeights(folder);
        var notices = new List<string>();
        Assert.True(stored.Holds(hash, notices.Add));

        File.WriteAllBytes(folder.WeightsFile(hash), [1, 2, 4]);
        File.SetLastWriteTimeUtc(folder.WeightsFile(hash), DateTime.UnixEpoch);

        Assert.False(stored.Holds(hash, notices.Add));
        Assert.StartsWith("TITER226", Assert.Single(notices), StringComparison.Ordinal);
        Assert.False(File.Exists(folder.WeightsFile(hash)));
        Assert.Single(Directory.GetFiles(Path.Combine(_folder, "set-aside")));
    }

    [Fact]
    public void What_a_killed_process_did_not_finish_is_removed()
    {
        var phases = Directory.CreateDirectory(Path.Combine(_folder, "phases")).FullName;
        File.WriteAllText(Path.Combine(phases, "a.json.1.tmp"), "half");

        using var folder = RunFolder.Open(_folder);

        Assert.Empty(Directory.GetFiles(phases));
    }

    [Fact]
    public void A_folder_that_is_a_file_is_said_to_be_no_place_for_results()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");

        var e = Assert.Throws<FileRefusalException>(() => RunFolder.Open(Path.Combine(file, "run")));

        Assert.StartsWith("TITER231", e.Message, StringComparison.Ordinal);
    }
}
