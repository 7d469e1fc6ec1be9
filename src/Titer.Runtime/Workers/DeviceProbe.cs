using System.Runtime.InteropServices;
using Titer.Models;
using Titer.Models.Native;
using TorchSharp;

namespace Titer.Runtime.Workers;

/// <summary>Opens a device and computes on it what can be checked exactly.</summary>
internal static class DeviceProbe
{
    private const int Size = 64;

    /// <summary>Needs torch to be loaded.</summary>
    public static DeviceFacts Of(string name)
    {
        try
        {
            using var scope = torch.NewDisposeScope();
            var context = DeviceSelection.Open(name);
            var facts = new DeviceFacts { Name = context.Device.ToString(), DataType = context.DataType.ToString(), Processor = "CPU" };
            // A sum of ones up to 256 is exact in bfloat16, too.
            var ones = torch.ones([Size, Size], dtype: context.DataType, device: context.Device);
            if (torch.mm(ones, ones).to(torch.ScalarType.Float64).sum().item<double>() is not (Size * Size * Size))
                return facts with { Problem = $"TITER407 {name} computes wrongly. Check the GPU (nvidia-smi -q -d ECC) and reinstall PyTorch." };
            if (context.Device.type != DeviceType.CUDA) return facts;
            var memory = CudaDriver.Memory(context.Device.index);
            return facts with
            {
                Processor = $"{CudaDriver.NameOf(context.Device.index) ?? "GPU"}, compute capability {
                    CudaDriver.MajorCapability(context.Device.index)?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "unknown"}.x",
                MemoryMegabytes = memory?.TotalBytes / (double)(1 << 20),
                FreeMegabytes = memory?.FreeBytes / (double)(1 << 20),
            };
        }
        catch (NativeTorchException e)
        {
            return new DeviceFacts { Name = name, Problem = e.Message };
        }
        catch (ExternalException e)
        {
            return new DeviceFacts { Name = name,
                Problem = $"TITER425 {name} is there, but does not compute: {e.Message.Split('\n')[0]} Check that the driver is new enough for "
                    + "this torch's CUDA, and that no other program has taken the GPU." };
        }
    }
}
