using Titer.Models.Native;

namespace Titer.Runtime.Workers;

/// <summary>
/// Seconds in which a GPU computed for a process tree, by the driver's own account. Work that was queued before a process was stopped goes on
/// behind its back: the processor's time does not show it, this does. The driver samples about once a second: a look sees what ended before it.
/// </summary>
/// <param name="devices">How many GPUs there are.</param>
/// <param name="since">Samples of one that end after a time (<see cref="NvidiaManagement.Since"/>).</param>
/// <param name="now">Microseconds of the Unix clock; what ran before is nobody's here.</param>
internal sealed class GpuTimes(int devices, Func<int, long, IReadOnlyList<GpuSample>> since, long now)
{
    /// <summary>A process that began in the middle of a sample is charged no more than this of it, in microseconds.</summary>
    private const long MostBetween = 2_000_000;

    private readonly long[] _looked = [.. Enumerable.Repeat(now, devices)];
    // One that ended between two samples is in the later one still.
    private readonly HashSet<int> _processes = [];

    /// <summary>Null where the driver tells nothing.</summary>
    public static GpuTimes? OfDriver() => NvidiaManagement.DeviceCount is > 0 and var devices
        ? new GpuTimes(devices, NvidiaManagement.Since, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000) : null;

    /// <param name="tree">The processes that there are now.</param>
    /// <returns>Seconds since the look before, of all GPUs together.</returns>
    public double Look(IEnumerable<int> tree)
    {
        _processes.UnionWith(tree);
        var seconds = 0.0;
        for (var device = 0; device < devices; device++)
        {
            foreach (var at in since(device, _looked[device]).GroupBy(s => s.At).OrderBy(g => g.Key))
            {
                var passed = Math.Min(at.Key - _looked[device], MostBetween);
                seconds += at.Where(s => _processes.Contains(s.Process)).Sum(s => s.Share) * passed / 1e6;
                _looked[device] = at.Key;
            }
        }

        return seconds;
    }
}
