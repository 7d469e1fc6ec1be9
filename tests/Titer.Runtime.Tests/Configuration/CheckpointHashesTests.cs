using Titer.Models.Checkpoints;
using Titer.Runtime.Configuration;

namespace Titer.Runtime.Tests.Configuration;

/// <summary>A league resolves its checkpoints at every drop: what did not change is not read again.</summary>
public sealed class CheckpointHashesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("titer-test-").FullName;

    private string Weights => Path.Combine(_folder, "model.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Weights_are_read_once_and_again_when_they_were_written_anew()
    {
        File.WriteAllText(Path.Combine(_folder, "config.json"), "{}");
        File.WriteAllText(Weights, "first weights");
        var hashes = new CheckpointHashes();
        var first = hashes.Of(EnteredCheckpoint.In(_folder));
        Assert.Equal(EnteredCheckpoint.In(_folder).ContentHash(), first);

        // As long, and of the same time: only who reads it sees the difference.
        var written = File.GetLastWriteTimeUtc(Weights);
        File.WriteAllText(Weights, "other weights");
        File.SetLastWriteTimeUtc(Weights, written);
        Assert.Equal(first, hashes.Of(EnteredCheckpoint.In(_folder)));

        File.SetLastWriteTimeUtc(Weights, written.AddSeconds(1));
        Assert.Equal(EnteredCheckpoint.In(_folder).ContentHash(), hashes.Of(EnteredCheckpoint.In(_folder)));
        Assert.NotEqual(first, hashes.Of(EnteredCheckpoint.In(_folder)));
    }
}
