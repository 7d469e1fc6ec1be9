using System.Runtime.InteropServices;

namespace Titer.Benchmarks.Device;

/// <summary>
/// Events on torch's stream, which is the device's default one, by the CUDA driver: when the GPU got
/// there. TorchSharp binds none. Needs torch's context
/// to be current, which it is on a thread that has computed.
/// </summary>
internal sealed partial class DeviceClock : IDisposable
{
    private readonly List<nint> _events = [];

    public nint Mark()
    {
        Check(Create(out var mark, 0));
        _events.Add(mark);
        Check(Record(mark, 0));
        return mark;
    }

    /// <summary>Between two marks that the GPU has passed.</summary>
    public static double Milliseconds(nint from, nint to)
    {
        Check(Elapsed(out var milliseconds, from, to));
        return milliseconds;
    }

    public void Dispose()
    {
        foreach (var mark in _events) _ = Destroy(mark);
    }

    private static void Check(int result)
    {
        if (result != 0) throw new InvalidOperationException($"The CUDA driver answered {result}.");
    }

    [LibraryImport("libcuda.so.1", EntryPoint = "cuEventCreate")]
    private static partial int Create(out nint mark, uint flags);

    [LibraryImport("libcuda.so.1", EntryPoint = "cuEventRecord")]
    private static partial int Record(nint mark, nint stream);

    [LibraryImport("libcuda.so.1", EntryPoint = "cuEventElapsedTime")]
    private static partial int Elapsed(out float milliseconds, nint from, nint to);

    [LibraryImport("libcuda.so.1", EntryPoint = "cuEventDestroy_v2")]
    private static partial int Destroy(nint mark);
}
