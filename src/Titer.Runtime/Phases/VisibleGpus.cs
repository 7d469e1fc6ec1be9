using System.Globalization;
using Titer.Models.Native;

namespace Titer.Runtime.Phases;

/// <summary>Which GPUs a worker will see, told without loading torch or the driver.</summary>
internal static class VisibleGpus
{
    private const string CudaLibrary = "libtorch_cuda.so";

    /// <summary>GPUs of this machine that CUDA_VISIBLE_DEVICES leaves.</summary>
    public static int Count() => Count(Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES"),
        Directory.Exists("/dev") ? Directory.EnumerateFiles("/dev", "nvidia*") : []);

    /// <summary>Whether the workers' libtorch has CUDA: the one that TITER_LIBTORCH names, or else the one
    /// beside <paramref name="workerFolder"/>'s program.</summary>
    /// <exception cref="NativeTorchException">It names none.</exception>
    public static bool TorchHasCuda(string workerFolder)
    {
        if (LibtorchFolder.Chosen() is { } chosen) return chosen.HasCuda;
        string[] folders = [workerFolder, Path.Combine(workerFolder, "runtimes", "linux-x64", "native")];
        return folders.Any(folder => File.Exists(Path.Combine(folder, CudaLibrary)));
    }

    /// <param name="variable">CUDA_VISIBLE_DEVICES: null means all; else numbers or <c>GPU-</c> and <c>MIG-</c> names, of which CUDA takes those
    /// before the first that is wrong.</param>
    /// <param name="deviceFiles">Files of <c>/dev</c>; a GPU's is <c>nvidia</c> and its number.</param>
    internal static int Count(string? variable, IEnumerable<string> deviceFiles)
    {
        var present = deviceFiles.Select(f => Path.GetFileName(f)!)
            .Count(name => name.StartsWith("nvidia", StringComparison.Ordinal) && name.Length > 6 && name[6..].All(char.IsAsciiDigit));
        if (variable is null || present == 0) return present;
        var taken = new HashSet<string>(StringComparer.Ordinal);
        return variable.Split(',', StringSplitOptions.TrimEntries).TakeWhile(entry => IsGpu(entry, present) && taken.Add(entry)).Count();
    }

    private static bool IsGpu(string entry, int present) =>
        entry.StartsWith("GPU-", StringComparison.Ordinal) || entry.StartsWith("MIG-", StringComparison.Ordinal)
        || (int.TryParse(entry, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < present);
}
