using Titer.Models.Native;
using Titer.Sdk;
using TorchSharp;

namespace Titer.Models;

/// <summary>Opens the device that a process computes on, by name.</summary>
public static class DeviceSelection
{
    /// <summary>Ampere: the first GPUs that multiply bfloat16 themselves.</summary>
    private const int BFloat16Capability = 8;

    /// <param name="name"><c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <param name="dataType">Default: bfloat16 on a GPU that has it, float32 on others and on the CPU.</param>
    /// <exception cref="NativeTorchException">CUDA was asked for and is not there.</exception>
    public static DeviceContext Open(string name, ScalarType? dataType = null)
    {
        NativeTorch.EnsureLoaded();
        if (name == "auto") name = torch.cuda_is_available() ? "cuda" : "cpu";
        if (name == "cpu") return new DeviceContext(torch.CPU, dataType ?? ScalarType.Float32);
        if (!torch.cuda_is_available())
            throw new NativeTorchException(
                $"TITER405 The device '{name}' was asked for, but torch sees no CUDA device. Build with -p:Accelerator=cuda or set "
                    + "TITER_LIBTORCH to 'auto' or the lib folder of a PyTorch with CUDA, check the driver and CUDA_VISIBLE_DEVICES, or use "
                    + "--device cpu.");
        var index = IndexOf(name);
        if (index >= torch.cuda.device_count())
            throw new NativeTorchException(
                $"TITER405 The device '{name}' was asked for, but torch sees {torch.cuda.device_count()} CUDA device(s). Count from cuda:0.");
        return new DeviceContext(torch.device(DeviceType.CUDA, index), dataType ?? DefaultOn(CudaDriver.MajorCapability(index)));
    }

    /// <summary>The GPU's number in <c>cuda</c> or <c>cuda:N</c>.</summary>
    public static int IndexOf(string name) =>
        name == "cuda" ? 0 : int.Parse(name.AsSpan("cuda:".Length), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A GPU that nobody can say the capability of gets what every GPU has.</summary>
    internal static ScalarType DefaultOn(int? majorCapability) => majorCapability >= BFloat16Capability ? ScalarType.BFloat16 : ScalarType.Float32;
}
