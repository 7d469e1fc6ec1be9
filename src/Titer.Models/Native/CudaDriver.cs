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

    private delegate int DeviceGetName([Out] byte[] name, int length, int device);

    /// <summary>The first number of the compute capability (8 is Ampere); null without a driver or such a GPU.</summary>
    public static int? MajorCapability(int index) =>
        Ask<int?>(index, (driver, device) => Function<DeviceGetAttribute>(driver, "cuDeviceGetAttribute")(out var major, ComputeCapabilityMajor, device) == 0 ? major : null);

    /// <summary>For example <c>NVIDIA H100 80GB HBM3</c>; null without a driver or such a GPU.</summary>
    public static string? NameOf(int index) => Ask(index, (driver, device) =>
    {
        var name = new byte[LongestName];
        return Function<DeviceGetName>(driver, "cuDeviceGetName")(name, name.Length, device) == 0 ? System.Text.Encoding.UTF8.GetString(name).TrimEnd('\0') : null;
    });

    private static T? Ask<T>(int index, Func<nint, int, T?> question)
    {
        // Never freed: torch holds it too.
        if (!NativeLibrary.TryLoad(Library, out var driver)) return default;
        try
        {
            return Function<Init>(driver, "cuInit")(0) == 0 && Function<DeviceGet>(driver, "cuDeviceGet")(out var device, index) == 0 ? question(driver, device) : default;
        }
        catch (EntryPointNotFoundException)
        {
            return default;
        }
    }

    private static TDelegate Function<TDelegate>(nint driver, string name)
        where TDelegate : Delegate => Marshal.GetDelegateForFunctionPointer<TDelegate>(NativeLibrary.GetExport(driver, name));
}
