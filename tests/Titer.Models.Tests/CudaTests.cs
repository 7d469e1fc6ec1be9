using Titer.Models.Generation;
using Titer.Models.Llama;
using Titer.Models.Native;
using Titer.Sdk;
using TorchSharp;

namespace Titer.Models.Tests;

/// <summary>What depends on a GPU; those that need one skip without.</summary>
public sealed class CudaTests
{
    [Theory]
    [InlineData(null, ScalarType.Float32)]
    [InlineData(7, ScalarType.Float32)]
    [InlineData(8, ScalarType.BFloat16)]
    [InlineData(12, ScalarType.BFloat16)]
    public void Only_gpus_that_have_bfloat16_get_it_by_default(int? majorCapability, ScalarType expected) =>
        Assert.Equal(expected, DeviceSelection.DefaultOn(majorCapability));

    [Fact]
    public void Without_a_driver_nothing_is_said_of_a_gpu()
    {
        Assert.SkipWhen(torch.cuda_is_available(), "This machine has a CUDA device.");

        Assert.Null(CudaDriver.MajorCapability(0));
        Assert.Null(CudaDriver.NameOf(0));
    }

    [Fact]
    public void A_gpu_has_a_name_and_a_capability()
    {
        RequireGpu();

        Assert.InRange(CudaDriver.MajorCapability(0)!.Value, 3, 99);
        Assert.NotEmpty(CudaDriver.NameOf(0)!);
        Assert.Null(CudaDriver.NameOf(torch.cuda.device_count()));
    }

    [Fact]
    public void Generation_on_a_gpu_is_that_of_the_cpu()
    {
        RequireGpu();
        using var own = Tiny.Model(6);
        var device = DeviceSelection.Open("cuda", ScalarType.Float32);
        using var random = new SeededRandom(6, device.Device);
        using var model = LlamaModel.Create(Tiny.Config, device, random);
        using (torch.no_grad()) model.Arena.Flat.copy_(own.Arena.Flat);
        int[][] prompts = [[1, 5, 9, 7, 30, 2, 11], [1, 8], [4, 8, 3, 30]];
        var (sampling, seeds) = (new SamplingOptions { TopP = 0.9 }, TextGenerator.StreamSeeds(1, 3));

        Assert.Equal(TextGenerator.Greedy(own, prompts, 9, -1, 0), TextGenerator.Greedy(model, prompts, 9, -1, 0));
        Assert.Equal(TextGenerator.Sampled(own, prompts, 9, -1, 0, sampling, seeds),
            TextGenerator.Sampled(model, prompts, 9, -1, 0, sampling, seeds));
    }

    private static void RequireGpu() =>
        Assert.SkipUnless(torch.cuda_is_available(), "This machine has no CUDA device, or its libtorch has no CUDA.");
}
