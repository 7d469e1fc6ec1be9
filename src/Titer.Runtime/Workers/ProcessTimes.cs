using System.Globalization;

namespace Titer.Runtime.Workers;

/// <summary>Processor time of a process tree between two looks, by the scheduler's own figures (<c>/proc/PID/task/TID/schedstat</c>).</summary>
internal sealed class ProcessTimes(int processId)
{
    private Dictionary<int, (long Ran, long Waited)> _last = [];

    /// <summary>Since the look before; everything when it is the first. Zero where the system does not tell.</summary>
    /// <returns>Of all threads together, and the longest wait of one that was ready to run.</returns>
    public (TimeSpan Processor, TimeSpan Waited) Look()
    {
        var now = new Dictionary<int, (long Ran, long Waited)>();
        foreach (var process in ProcessTree.WithDescendants(processId))
        {
            foreach (var folder in ProcessTree.ThreadFolders(process))
            {
                var parts = ProcessTree.ReadAll(Path.Combine(folder, "schedstat")).Split(' ');
                if (parts.Length < 2 || !long.TryParse(parts[0], CultureInfo.InvariantCulture, out var ran)
                    || !long.TryParse(parts[1], CultureInfo.InvariantCulture, out var waited)) continue;
                now[int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture)] = (ran, waited);
            }
        }

        var (processor, longest) = (0L, 0L);
        foreach (var (thread, times) in now)
        {
            // A thread number that is used again begins at zero.
            var before = _last.TryGetValue(thread, out var known) && known.Ran <= times.Ran ? known : (Ran: 0L, Waited: 0L);
            processor += times.Ran - before.Ran;
            longest = Math.Max(longest, times.Waited - before.Waited);
        }

        _last = now;
        return (FromNanoseconds(processor), FromNanoseconds(longest));
    }

    private static TimeSpan FromNanoseconds(long nanoseconds) => TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
}
