using System.Diagnostics;
using Titer.Files;

namespace Titer.Runtime.Tests.Files;

public sealed class ScratchFolderTests
{
    [Theory]
    [InlineData("l=$(printf 'x%.0s' $(seq 200)); c=$(for i in $(seq 15); do printf '%s/' $l; done); mkdir -p \"$c\" \"b/$c\" && r=$PWD && cd "
        + "\"$c\" && mv \"$r/b\" .")]
    [InlineData("touch \"$(printf 'x\\377\\376')\"; mkdir \"$(printf 'y\\377')\"; touch \"$(printf 'y\\377')/z\"")]
    [InlineData("mkdir -p closed/inner && touch closed/inner/file && chmod 000 closed/inner closed")]
    [InlineData("mkfifo pipe; ln -s /nowhere link; ln -s . self")]
    public void It_goes_away_whatever_a_plugin_left_in_it(string command)
    {
        var scratch = ScratchFolder.Create();
        using (var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { WorkingDirectory = scratch.Path })!)
        {
            shell.WaitForExit();
            Assert.Equal(0, shell.ExitCode);
        }

        scratch.Dispose();

        Assert.False(Directory.Exists(scratch.Path));
    }

    [Fact]
    public void One_that_a_plugin_removed_is_gone_already()
    {
        var scratch = ScratchFolder.Create();
        Directory.Delete(scratch.Path);

        scratch.Dispose();
    }

    [Fact]
    public void The_folders_of_a_killed_process_are_swept_those_of_a_living_one_stay()
    {
        using var living = ScratchFolder.Create();
        var temporary = Path.GetDirectoryName(Path.GetDirectoryName(living.Path))!;
        var dead = Directory.CreateDirectory(Path.Combine(temporary, $"titer-{Guid.NewGuid():N}")).FullName;
        File.WriteAllText(Path.Combine(dead, ".lock"), "");
        var foreign = Directory.CreateDirectory(Path.Combine(temporary, $"titer-{Guid.NewGuid():N}")).FullName;
        try
        {
            ScratchRoot.Sweep(temporary);

            Assert.False(Directory.Exists(dead));
            Assert.True(Directory.Exists(living.Path));
            Assert.True(Directory.Exists(foreign), "a folder without a lock is somebody else's");
        }
        finally
        {
            Directory.Delete(foreign);
        }
    }

    [Fact]
    public async Task Folders_are_made_while_others_sweep()
    {
        using var stop = new CancellationTokenSource();
        var temporary = ScratchRoot.TemporaryFolder();
        var sweeping = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested) ScratchRoot.Sweep(temporary);
        }, TestContext.Current.CancellationToken);
        for (var i = 0; i < 200; i++)
        {
            using var scratch = ScratchFolder.Create();
            Assert.True(Directory.Exists(scratch.Path));
        }

        await stop.CancelAsync();
        await sweeping;
    }
}
