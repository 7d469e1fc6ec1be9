using System.Globalization;
using System.Runtime.InteropServices;

namespace Titer.Plugins;

/// <summary>
/// How long a thread stood ready while others had the processor: the machine's time, not the thread's, and no part of any deadline of it. Nothing
/// elsewhere than on Linux. Thread-safe.
/// </summary>
public sealed partial class ReadyTime
{
    private readonly string? _schedule;
    private long _nanoseconds;

    private ReadyTime(string? schedule) => _schedule = schedule;

    /// <summary>Of the thread that calls.</summary>
    public static ReadyTime OfThisThread() =>
        new(OperatingSystem.IsLinux() ? string.Create(CultureInfo.InvariantCulture, $"/proc/self/task/{ThreadId()}/schedstat") : null);

    /// <summary>Since the thread began; kept when it is gone.</summary>
    public TimeSpan Read()
    {
        if (_schedule is null) return TimeSpan.Zero;
        try
        {
            // The second figure: nanoseconds on the run queue.
            if (File.ReadAllText(_schedule).Split(' ') is [_, var waited, ..] && long.TryParse(waited, CultureInfo.InvariantCulture, out var read))
                Volatile.Write(ref _nanoseconds, read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The thread has ended.
        }

        return TimeSpan.FromMicroseconds(Volatile.Read(ref _nanoseconds) / 1e3);
    }

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int ThreadId();
}
