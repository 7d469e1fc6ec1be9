using System.Runtime.InteropServices;
using Titer.Models;
using Titer.Models.Native;
using Titer.Tournament;
using TorchSharp;

namespace Titer.Runtime.Phases;

/// <summary>What this process computes on.</summary>
internal static class PlayEnvironments
{
    private const string ProcessorFile = "/proc/cpuinfo";

    /// <summary>Needs torch to be loaded.</summary>
    public static PlayEnvironment Of(string device) => new(
        RuntimeInformation.FrameworkDescription,
        $"TorchSharp {typeof(torch).Assembly.GetName().Version?.ToString(3)}, libtorch {NativeTorch.State?.LibtorchVersion ?? torch.__version__}",
        $"{RuntimeInformation.OSDescription} {RuntimeInformation.OSArchitecture}",
        device.StartsWith("cuda", StringComparison.Ordinal) ? Gpu(device) : Processor());

    /// <summary>Its name, never its number: which one of several a phase got is no part of a result.</summary>
    private static string Gpu(string device) => CudaDriver.NameOf(DeviceSelection.IndexOf(device)) ?? "cuda";

    private static string Processor()
    {
        try
        {
            return File.ReadLines(ProcessorFile).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
                ?? "cpu";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "cpu";
        }
    }
}
