using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Titer.Runtime.Workers;

/// <summary>
/// Watches what a worker takes of the machine beside memory and time: processes and threads, and the disk under its scratch folder. Limits per user
/// (RLIMIT_NPROC) count other workers too, and root has none, so it is looked from outside.
/// </summary>
internal sealed class WorkerQuota : IAsyncDisposable
{
    /// <summary>Processes and threads of a phase together; an honest worker has about forty.</summary>
    public const int MostTasks = 1024;

    /// <summary>Beside four times the subject: what a plugin may keep.</summary>
    private const long MoreScratchBytes = 1L << 30;

    private const int SubjectCopies = 4;
    private const int LooksPerMeasure = 5;

    /// <summary>Whatever the disk says.</summary>
    private const int LooksPerCount = 10 * LooksPerMeasure;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MeasureDeadline = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _passed = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly int _processId;
    private readonly string _scratch;
    private readonly string? _alsoHeld;
    private readonly long _mostBytes;
    private readonly long _freeAtStart;
    private readonly Task _watching;

    /// <param name="mostBytes">See <see cref="ScratchBytes"/>.</param>
    /// <param name="alsoHeld">A file beside its scratch folder that it writes to.</param>
    public WorkerQuota(int processId, string scratch, long mostBytes, string? alsoHeld = null)
    {
        (_processId, _scratch, _mostBytes, _alsoHeld, _freeAtStart) = (processId, scratch, mostBytes, alsoHeld, Free(scratch));
        _watching = OperatingSystem.IsLinux() ? Task.Run(WatchAsync) : Task.CompletedTask;
    }

    /// <summary>Fires when a quota is passed.</summary>
    public CancellationToken Passed => _passed.Token;

    /// <summary>What it took too much of, as the end of "it ..."; null when nothing.</summary>
    public string? What { get; private set; }

    /// <summary>What a phase on that subject may keep on the disk.</summary>
    public static long ScratchBytes(string subjectFolder)
    {
        try
        {
            return MoreScratchBytes + (SubjectCopies * new DirectoryInfo(subjectFolder).EnumerateFiles().Sum(f => f.Length));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The phase itself will say that there is no subject.
            return MoreScratchBytes;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _watching;
        _ended.Dispose();
        _passed.Dispose();
    }

    private async Task WatchAsync()
    {
        for (var look = 0; !_ended.IsCancellationRequested; look++)
        {
            What = TasksProblem() ?? (look % LooksPerMeasure == 0 ? ScratchProblem(look % LooksPerCount == 0) : null);
            if (What is not null)
            {
                await _passed.CancelAsync();
                return;
            }

            await Task.Delay(Interval, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private string? TasksProblem()
    {
        var tasks = 0;
        foreach (var process in ProcessTree.WithDescendants(_processId))
        {
            if ((tasks += ProcessTree.ThreadFolders(process).Length) > MostTasks) return $"started more than the {MostTasks} processes and "
                + "threads that a phase may have";
        }

        return null;
    }

    private string? ScratchProblem(bool counts)
    {
        // Counting a folder takes time, and one that is hostile more of it: seldom, unless the disk became fuller by as much. Others may have
        // made room meanwhile, so that the disk alone does not tell.
        if (!counts && _freeAtStart - Free(_scratch) < _mostBytes / 2) return null;
        return Held() > _mostBytes
            ? string.Create(CultureInfo.InvariantCulture, $"wrote more than the {_mostBytes >> 20} MB to its scratch folder that a phase may keep")
            : null;
    }

    /// <summary>Bytes on the disk below the scratch folder, by coreutils: paths may be too long and names no text. And of files that are open and
    /// have no name any more.</summary>
    private long Held()
    {
        try
        {
            using var du = Process.Start(new ProcessStartInfo("du", ["-s", "-x", "--block-size=1", "--", _scratch]) { RedirectStandardOutput = true,
                RedirectStandardError = true });
            if (du is null) return 0;
            du.ErrorDataReceived += static (_, _) => { };
            du.BeginErrorReadLine();
            var said = du.StandardOutput.ReadToEndAsync();
            if (!du.WaitForExit(MeasureDeadline))
            {
                // More entries than can be counted are more than may be there.
                du.Kill();
                return long.MaxValue;
            }

            return (long.TryParse(said.Result.Split('\t')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : 0)
                + Nameless() + (_alsoHeld is null ? 0 : Titer.Files.RegularFile.BytesOnDisk(_alsoHeld));
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            return 0;
        }
    }

    private long Nameless()
    {
        var total = 0L;
        foreach (var process in ProcessTree.WithDescendants(_processId))
        {
            try
            {
                foreach (var descriptor in Directory.EnumerateFileSystemEntries($"/proc/{process}/fd"))
                {
                    if (new FileInfo(descriptor).LinkTarget is { } target
                        && target.EndsWith(" (deleted)", StringComparison.Ordinal)) total += Titer.Files.RegularFile.BytesOnDisk(descriptor);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended in between.
            }
        }

        return total;
    }

    private static long Free(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return 0;
        }
    }
}
