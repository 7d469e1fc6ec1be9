using Titer.Models.Native;
using Titer.Sdk;
using TorchSharp;

namespace Titer.Models;

/// <summary>Opens the device that a process computes on, by name.</summary>
public static class DeviceSelection
{
    /// <param name="name"><c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <param name="dataType">Default: float32 on the CPU, bfloat16 on CUDA.</param>
    /// <exception cref="NativeTorchException">CUDA was asked for and is not there.</exception>
    public static DeviceContext Open(string name, ScalarType? dataType = null)
    {
        NativeTorch.EnsureLoaded();
        if (name == "auto") name = torch.cuda_is_available() ? "cuda" : "cpu";
        if (name == "cpu") return new DeviceContext(torch.CPU, dataType ?? ScalarType.Float32);
        if (!torch.cuda_is_available())
            throw new NativeTorchException($"TITER405 The device '{name}' was asked for, but torch sees no CUDA device. Build with -p:Accelerator=cuda or set TITER_LIBTORCH, check the driver, or use --device cpu.");
        var index = name == "cuda" ? 0 : int.Parse(name.AsSpan(5), System.Globalization.CultureInfo.InvariantCulture);
        if (index >= torch.cuda.device_count())
            throw new NativeTorchException($"TITER405 The device '{name}' was asked for, but torch sees {torch.cuda.device_count()} CUDA device(s). Count from cuda:0.");
        return new DeviceContext(torch.device(DeviceType.CUDA, index), dataType ?? ScalarType.BFloat16);
    }
}
