using Titer.Models.Checkpoints;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;

namespace Titer.Runtime.Tests.Configuration;

/// <summary>A league resolves its checkpoints and programs at every drop: what did not change is not read again.</summary>
public sealed class EntrantHashesTests : IDisposable
{
    /// <summary>In whole seconds: a file system keeps more digits of its own than can be set.</summary>
    private static readonly DateTime Written = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly string _folder = Directory.CreateTempSubdirectory("titer-test-").FullName;

    private string Weights => Path.Combine(_folder, "model.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Weights_are_read_once_and_again_when_they_were_written_anew()
    {
        File.WriteAllText(Path.Combine(_folder, "config.json"), "{}");
        File.WriteAllText(Weights, "first weights");
        File.SetLastWriteTimeUtc(Weights, Written);
        var hashes = new EntrantHashes();
        var first = hashes.Of(EnteredCheckpoint.In(_folder));
        Assert.Equal(EnteredCheckpoint.In(_folder).ContentHash(), first);

        // As long, and of the same time: only who reads it sees the difference.
        File.WriteAllText(Weights, "other weights");
        File.SetLastWriteTimeUtc(Weights, Written);
        Assert.Equal(first, hashes.Of(EnteredCheckpoint.In(_folder)));

        File.SetLastWriteTimeUtc(Weights, Written.AddSeconds(1));
        Assert.Equal(EnteredCheckpoint.In(_folder).ContentHash(), hashes.Of(EnteredCheckpoint.In(_folder)));
        Assert.NotEqual(first, hashes.Of(EnteredCheckpoint.In(_folder)));
    }

    [Fact]
    public void A_programs_files_are_read_once_and_again_when_one_was_written_replaced_or_added()
    {
        var source = Path.Combine(_folder, "defend.py");
        File.WriteAllText(source, "first program");
        File.SetLastWriteTimeUtc(source, Written);
        var hashes = new EntrantHashes();
        var program = new ProgramOrder(_folder, ["python3", "defend.py"], []);
        var first = hashes.Of(program);
        Assert.Equal(ProgramRun.Hash(program), first);
        Assert.NotEqual(first, hashes.Of(program with { Command = ["python3", "defend.py", "--fast"] }));

        // As long, and of the same time: only who reads it sees the difference.
        File.WriteAllText(source, "other program");
        File.SetLastWriteTimeUtc(source, Written);
        Assert.Equal(first, hashes.Of(program));

        // The same in length and time, and another file.
        var replacement = Path.Combine(_folder, "new");
        File.WriteAllText(replacement, "third program");
        File.SetLastWriteTimeUtc(replacement, Written);
        File.Delete(source);
        File.Move(replacement, source);
        var third = hashes.Of(program);
        Assert.Equal(ProgramRun.Hash(program), third);
        Assert.NotEqual(first, third);

        File.WriteAllText(Path.Combine(_folder, "added.py"), "");
        Assert.Equal(ProgramRun.Hash(program), hashes.Of(program));
        Assert.NotEqual(third, hashes.Of(program));
    }
}
