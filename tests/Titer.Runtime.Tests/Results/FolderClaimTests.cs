using Titer.Files;
using Titer.Runtime.Results;

namespace Titer.Runtime.Tests.Results;

/// <summary>A host whose lock is not seen is found by its beat, and one that is gone is not waited for longer than that.</summary>
public sealed class FolderClaimTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("titer-test-").FullName;

    private string File => Path.Combine(_folder, FolderClaim.FileName);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_host_that_beats_is_named_and_keeps_the_folder()
    {
        using var stop = new CancellationTokenSource();
        var beating = Task.Run(async () =>
        {
            for (var beat = 0; !stop.IsCancellationRequested; beat++)
            {
                await System.IO.File.WriteAllTextAsync(File, $"elsewhere 17 id {beat}\n", CancellationToken.None);
                await Task.Delay(200, CancellationToken.None);
            }
        }, TestContext.Current.CancellationToken);
        while (!System.IO.File.Exists(File)) await Task.Delay(20, TestContext.Current.CancellationToken);

        var refused = Assert.Throws<FileRefusalException>(() => RunFolder.Open(_folder));
        await stop.CancelAsync();
        await beating;

        Assert.Contains("TITER207", refused.Message, StringComparison.Ordinal);
        Assert.Contains("process 17 on elsewhere", refused.Message, StringComparison.Ordinal);
        Assert.StartsWith("elsewhere", await System.IO.File.ReadAllTextAsync(File, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_of_this_machine_that_is_gone_is_not_waited_for()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Processes are looked up in /proc.");
        System.IO.File.WriteAllText(File, $"{Environment.MachineName} 999999999 id 3\n");

        using (var folder = RunFolder.Open(_folder)) Assert.False(folder.IsTakenOver);

        Assert.False(System.IO.File.Exists(File));
    }

    [Fact]
    public async Task Who_was_taken_for_gone_sees_that_another_host_plays()
    {
        using var folder = RunFolder.Open(_folder);
        await System.IO.File.WriteAllTextAsync(File, "elsewhere 17 id 0\n", TestContext.Current.CancellationToken);

        while (!folder.IsTakenOver) await Task.Delay(50, TestContext.Current.CancellationToken);

        folder.Dispose();
        Assert.StartsWith("elsewhere", await System.IO.File.ReadAllTextAsync(File, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
