using System.Diagnostics;
using Titer.Runtime.Workers;

namespace Titer.Runtime.Tests.Workers;

/// <summary>What a worker takes of the disk and of the scheduler is counted from outside.</summary>
public sealed class WorkerQuotaTests : IDisposable
{
    private const int Megabyte = 1 << 20;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);
    private readonly string _folder = Directory.CreateTempSubdirectory("titer-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Files_beyond_the_quota_are_noticed_also_without_a_name(bool hasNoName)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux alone tells of a process' files.");
        var file = Path.Combine(_folder, "large");
        // Keeps the file open; without a name only it has it.
        var script = $"exec 8>'{file}'; {(hasNoName ? $"rm '{file}';" : "")} dd if=/dev/zero bs=1M count=64 >&8 2>/dev/null; sleep 60";
        using var process = Process.Start("/bin/sh", ["-c", script]);
        try
        {
            await using var quota = new WorkerQuota(process.Id, _folder, 16 * Megabyte);
            Assert.True(await PassedAsync(quota));
            Assert.Contains("to its scratch folder", quota.What, StringComparison.Ordinal);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task What_others_write_is_not_laid_to_a_worker()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux alone tells of a process' files.");
        var own = Directory.CreateDirectory(Path.Combine(_folder, "own")).FullName;
        using var process = Process.Start("/bin/sh", ["-c", "sleep 60"]);
        try
        {
            await using var quota = new WorkerQuota(process.Id, own, 16 * Megabyte);
            await File.WriteAllBytesAsync(Path.Combine(_folder, "large"), new byte[64 * Megabyte], TestContext.Current.CancellationToken);
            await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);

            Assert.Null(quota.What);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private static async Task<bool> PassedAsync(WorkerQuota quota)
    {
        var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = quota.Passed.Register(() => passed.TrySetResult());
        return await Task.WhenAny(passed.Task, Task.Delay(Deadline, TestContext.Current.CancellationToken)) == passed.Task;
    }
}
