using System.Globalization;
using Titer.Runtime.Phases;

namespace Titer.Runtime.Tournaments;

/// <summary>Which device each running phase has: <c>cuda</c> means all visible GPUs in turn, any other name is that device for every lane.</summary>
internal sealed class DeviceLanes
{
    private readonly string[] _devices;
    private readonly int[] _users;
    private readonly Lock _taking = new();

    public DeviceLanes(string device, int visibleGpus)
    {
        _devices = device == "cuda" && visibleGpus > 0
            ? [.. Enumerable.Range(0, visibleGpus).Select(i => string.Create(CultureInfo.InvariantCulture, $"cuda:{i}"))]
            : [device];
        _users = new int[_devices.Length];
    }

    /// <summary>Lanes that fill the device: one per core on the CPU, one per GPU on CUDA.</summary>
    public static int DefaultCount(string device, int cores, int visibleGpus) =>
        device == "cpu" ? cores : device == "cuda" ? Math.Max(1, visibleGpus) : 1;

    /// <summary>The same on this machine.</summary>
    public static int DefaultCount(string device) => DefaultCount(device, Environment.ProcessorCount, VisibleGpus.Count());

    /// <summary>The device with the fewest phases, the first of equals.</summary>
    public string Take()
    {
        lock (_taking)
        {
            var least = Array.IndexOf(_users, _users.Min());
            _users[least]++;
            return _devices[least];
        }
    }

    public void Return(string device)
    {
        lock (_taking) _users[Array.IndexOf(_devices, device)]--;
    }
}
