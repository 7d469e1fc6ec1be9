using System.Runtime.InteropServices;

namespace Titer.Models.Native;

/// <summary>What a process kept of a GPU busy, as the driver sampled it.</summary>
/// <param name="Device">Number of the GPU, as the driver counts.</param>
/// <param name="Process">Outside of any namespace.</param>
/// <param name="At">Microseconds of the Unix clock at which the sample ends.</param>
/// <param name="Share">Of the time since the sample before in which one of its kernels ran: 0 to 1.</param>
public readonly record struct GpuSample(int Device, int Process, long At, double Share);

/// <summary>
/// The driver's own account of who uses which GPU (NVML), which asks nothing of the processes that it tells of. Makes no context on a GPU. Every
/// GPU of the machine is counted, whatever CUDA_VISIBLE_DEVICES says.
/// </summary>
public static class NvidiaManagement
{
    private const string Library = "libnvidia-ml.so.1";
    private const int MostProcesses = 256;
    private const int Done = 0;

    private static readonly Lazy<Account?> Opened = new(Open);

    private delegate int Init();

    private delegate int Count(out uint count);

    private delegate int Handle(uint index, out nint device);

    private delegate int ProcessUtilization(nint device, [Out] Utilization[] samples, ref uint count, ulong since);

    /// <summary>GPUs whose use can be asked for; 0 without a driver.</summary>
    public static int DeviceCount => Opened.Value?.Devices.Length ?? 0;

    /// <summary>The samples of a GPU that end after a time, in microseconds of the Unix clock. Thread-safe.</summary>
    public static IReadOnlyList<GpuSample> Since(int device, long microseconds)
    {
        var (samples, count) = (new Utilization[MostProcesses], (uint)MostProcesses);
        // A GPU that nobody used since is an error to the driver.
        if (Opened.Value is not { } account || account.Ask(account.Devices[device], samples, ref count, (ulong)microseconds) != Done) return [];
        return [.. samples.Take((int)count).Where(s => (long)s.At > microseconds)
            .Select(s => new GpuSample(device, (int)s.Process, (long)s.At, Math.Min(s.Percent, 100) / 100.0))];
    }

    private static Account? Open()
    {
        // Never freed: it is asked as long as a process is watched.
        if (!NativeLibrary.TryLoad(Library, out var driver)) return null;
        try
        {
            if (NativeFunction.Of<Init>(driver, "nvmlInit_v2")() != Done
                || NativeFunction.Of<Count>(driver, "nvmlDeviceGetCount_v2")(out var count) != Done) return null;
            var handle = NativeFunction.Of<Handle>(driver, "nvmlDeviceGetHandleByIndex_v2");
            return new Account(
                [.. Enumerable.Range(0, (int)count).Select(i => handle((uint)i, out var device) == Done ? device : 0).Where(d => d != 0)],
                NativeFunction.Of<ProcessUtilization>(driver, "nvmlDeviceGetProcessUtilization"));
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    private sealed record Account(nint[] Devices, ProcessUtilization Ask);

    /// <summary>nvmlProcessUtilizationSample_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Utilization
    {
        public uint Process;
        public ulong At;
        public uint Percent;
        public uint Memory;
        public uint Encoder;
        public uint Decoder;
    }
}
