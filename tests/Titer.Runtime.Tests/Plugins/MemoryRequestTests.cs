using System.Runtime.InteropServices;
using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Tests.Plugins;

/// <summary>Texts as libtorch 2.10 writes them.</summary>
public sealed class MemoryRequestTests
{
    private const string Cpu =
        "[enforce fail at alloc_cpu.cpp:121] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 4194304000 bytes. Error "
            + "code 12 (Cannot allocate memory)";
    private const string Windows =
        "[enforce fail at alloc_cpu.cpp:121] data. DefaultCPUAllocator: not enough memory: you tried to allocate 4194304000 bytes.";
    private const string Gpu =
        "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 14.74 GiB of which 1.06 GiB is free. Process 4242 has "
            + "13.68 GiB memory in use. Of the allocated memory 13.05 GiB is allocated by PyTorch, and 511.56 MiB is reserved by PyTorch but "
            + "unallocated.";

    [Theory]
    [InlineData(Cpu, 4000, false)]
    [InlineData(Windows, 4000, false)]
    [InlineData(Gpu, 2048, true)]
    [InlineData("CUDA out of memory. Tried to allocate 20.00 MiB. GPU 1 has a total capacity of 79.10 GiB", 20, true)]
    [InlineData("CUDA out of memory. Tried to allocate 512.00 KiB.", 0.5, true)]
    [InlineData("CUDA out of memory. Tried to allocate 1048576 bytes.", 1, true)]
    public void The_size_and_the_place_are_read(string message, double megabytes, bool isOnGpu)
    {
        Assert.Equal(new MemoryRequest(megabytes, isOnGpu), MemoryRequest.Of(message));
        var fault = Fault(message);
        Assert.Equal((true, isOnGpu), (fault.IsOutOfMemory, fault.IsOutOfGpuMemory));
    }

    [Theory]
    [InlineData("std::bad_alloc", true, false)]
    [InlineData("CUDA error: out of memory", true, true)]
    [InlineData("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`", true, true)]
    [InlineData("CUDA error: device-side assert triggered", false, false)]
    [InlineData("mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)", false, false)]
    public void A_text_without_a_size_may_still_be_about_memory(string message, bool isOutOfMemory, bool isOnGpu)
    {
        Assert.Null(MemoryRequest.Of(message));
        var fault = Fault(message);
        Assert.Equal((isOutOfMemory, isOnGpu), (fault.IsOutOfMemory, fault.IsOutOfGpuMemory));
    }

    [Fact]
    public void A_full_gpu_is_a_result_with_the_size_and_the_fix()
    {
        var result = PluginFaultResult.Of(Order(2000), "defense", Fault(Gpu));

        Assert.Equal((PhaseStatus.Error, "TITER218"), (result.Status, result.Code));
        Assert.Contains("2048 MB", result.Reason, StringComparison.Ordinal);
        Assert.Contains("smaller batches", result.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2000.0, "4000 MB at once")]
    [InlineData(null, "4000 MB at once")]
    public void A_request_that_can_never_fit_is_told(double? limit, string told)
    {
        var result = PluginFaultResult.Of(Order(limit), "attack", Fault(Cpu));

        Assert.Equal("TITER213", result.Code);
        Assert.Contains(told, result.Reason, StringComparison.Ordinal);
        Assert.Contains("Dispose tensors", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_straw_reads_like_what_the_watch_says() =>
        Assert.DoesNotContain("at once", PluginFaultResult.Of(Order(8000), "attack", Fault(Cpu)).Reason, StringComparison.Ordinal);

    /// <summary>As TorchSharp throws it.</summary>
    private static PluginFault Fault(string message) =>
        new(typeof(ExternalException).FullName!, message, "", IsBudgetExceeded: false, IsCanceled: false);

    private static PhaseOrder Order(double? megabytes) => new()
    {
        Phase = new Phase { Id = "0123456789abcdef", Kind = PhaseKind.Defend, Defense = new Entrant { Id = "any", Label = "any", ContentHash = "1" },
            Seed = 1, RandomSeed = 1 },
        ScenarioPartFile = "none",
        SubjectFolder = "none",
        Device = "cpu",
        Limits = new PhaseLimits { Steps = 1, WallSeconds = 1, MemoryMegabytes = megabytes },
        ScratchFolder = "none",
    };
}
