using System.Diagnostics;
using System.Text.Json.Nodes;
using TorchSharp;

namespace Titer.Benchmarks.Device;

/// <summary>What the device reaches in one large bfloat16 product: the limit that a model's share
/// is told against, beside the data sheet's.</summary>
internal static class ProductStep
{
    public static StepOutcome Run(DeviceUnderTest device)
    {
        var size = device.IsCuda ? 8192L : 256;
        using var scope = torch.NewDisposeScope();
        var target = device.Open(torch.ScalarType.BFloat16).Device;
        var (a, b) = (torch.randn([size, size], dtype: torch.ScalarType.BFloat16, device: target),
            torch.randn([size, size], dtype: torch.ScalarType.BFloat16, device: target));
        var rates = Enumerable.Range(0, 12).Select(_ =>
        {
            device.Synchronize();
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < 5; i++) torch.mm(a, b).Dispose();
            device.Synchronize();
            return 5 * 2.0 * size * size * size / Stopwatch.GetElapsedTime(started).TotalSeconds;
        }).Skip(2).ToArray();
        var median = PairedRatio.Median(rates);
        return new StepOutcome(true, FormattableString.Invariant(
            $"bfloat16 {size} x {size}: {median / 1e12:0.###} TFLOP/s, median of {rates.Length}"), new JsonObject { ["flops_per_second"] = median });
    }
}
