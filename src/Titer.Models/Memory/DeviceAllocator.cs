namespace Titer.Models.Memory;

/// <summary>
/// What an allocator takes for what passes: blocks that are given back are kept, and do not fit what comes next. Of a CPU as measured with glibc
/// (tests/Titer.Benchmarks/RESULTS.md); of a GPU, whose allocator keeps blocks by size, as measured on an H200.
/// </summary>
public static class DeviceAllocator
{
    /// <summary>Buffers of the libraries that the first products make, in bytes.</summary>
    public const double Buffers = 0.1e9;

    public static double Passing(double bytes, bool isGpu) => bytes * (isGpu ? 1.15 : 1.5);
}
