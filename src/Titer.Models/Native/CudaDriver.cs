using System.Runtime.InteropServices;

namespace Titer.Models.Native;

/// <summary>
/// What the CUDA driver says of a GPU. TorchSharp 0.107 binds neither its name nor its compute capability, and libtorch's own test of bfloat16
/// products passes on older GPUs too, which emulate them slowly. Counts GPUs as torch does: CUDA_VISIBLE_DEVICES is honored.
/// </summary>
public static class CudaDriver
{
    private const int ComputeCapabilityMajor = 75;
    private const int LongestName = 256;

    private static readonly string Library = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";

    private delegate int Init(uint flags);

    private delegate int DeviceGet(out int device, int index);

    private delegate int DeviceGetAttribute(out int value, int attribute, int device);

    private delegate int DriverGetVersion(out int version);

    private delegate int ContextRetain(out nint context, int device);

    private delegate int ContextPush(nint context);

    private delegate int ContextPop(out nint context);

    private delegate int ContextRelease(int device);

    private delegate int MemoryGetInfo(out nuint free, out nuint total);

    private delegate int DeviceGetName([Out] byte[] name, int length, int device);

    /// <summary>The first number of the compute capability (8 is Ampere); null without a driver or such a GPU.</summary>
    public static int? MajorCapability(int index) =>
        Ask<int?>(index, (driver, device) => NativeFunction.Of<DeviceGetAttribute>(driver, "cuDeviceGetAttribute")(
            out var major, ComputeCapabilityMajor, device) == 0 ? major : null);

    /// <summary>For example <c>NVIDIA H100 80GB HBM3</c>; null without a driver or such a GPU.</summary>
    public static string? NameOf(int index) => Ask(index, (driver, device) =>
    {
        var name = new byte[LongestName];
        return NativeFunction.Of<DeviceGetName>(driver, "cuDeviceGetName")(name, name.Length, device) == 0
            ? System.Text.Encoding.UTF8.GetString(name).TrimEnd('\0')
            : null;
    });

    /// <summary>The newest CUDA that the driver runs, for example 13.0; null without a driver or a GPU.</summary>
    public static Version? DriverVersion() => Ask(0, (driver, _) =>
        NativeFunction.Of<DriverGetVersion>(driver, "cuDriverGetVersion")(out var version) == 0
            ? new Version(version / 1000, version % 1000 / 10) : null);

    /// <summary>
    /// Bytes of the GPU's memory that nobody holds, and all of them; null without a driver or such a
    /// GPU. What torch has taken and may use again counts as
    /// held, that of other processes too. Makes torch's own context on the GPU when there is none yet (some 500 MB).
    /// </summary>
    public static (long FreeBytes, long TotalBytes)? Memory(int index) => Ask<(long, long)?>(index, (driver, device) =>
    {
        if (NativeFunction.Of<ContextRetain>(driver, "cuDevicePrimaryCtxRetain")(out var context, device) != 0) return null;
        try
        {
            if (NativeFunction.Of<ContextPush>(driver, "cuCtxPushCurrent_v2")(context) != 0) return null;
            var answer = NativeFunction.Of<MemoryGetInfo>(driver, "cuMemGetInfo_v2")(out var free, out var total);
            NativeFunction.Of<ContextPop>(driver, "cuCtxPopCurrent_v2")(out _);
            return answer == 0 ? ((long)free, (long)total) : null;
        }
        finally
        {
            NativeFunction.Of<ContextRelease>(driver, "cuDevicePrimaryCtxRelease_v2")(device);
        }
    });

    private static T? Ask<T>(int index, Func<nint, int, T?> question)
    {
        // Never freed: torch holds it too.
        if (!NativeLibrary.TryLoad(Library, out var driver)) return default;
        try
        {
            return NativeFunction.Of<Init>(driver, "cuInit")(0) == 0
                && NativeFunction.Of<DeviceGet>(driver, "cuDeviceGet")(out var device, index) == 0
                ? question(driver, device)
                : default;
        }
        catch (EntryPointNotFoundException)
        {
            return default;
        }
    }
}
