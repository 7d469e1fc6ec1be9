using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Titer.Models.Native;
using Titer.Runtime.Workers;
using TorchSharp;

namespace Titer.Benchmarks.Device;

/// <summary>What the driver says of this process while it computes and while it rests, as a supervisor counts a player's seconds.</summary>
internal static class GpuSecondsStep
{
    private static readonly TimeSpan Part = TimeSpan.FromSeconds(3);

    public static StepOutcome Run(DeviceUnderTest device)
    {
        if (!device.IsCuda)
            return new StepOutcome(NvidiaManagement.DeviceCount == 0, $"{NvidiaManagement.DeviceCount} GPUs, by the driver's account", []);
        if (GpuTimes.OfDriver() is not { } times) return new StepOutcome(false, "the driver gives no account", []);
        using var left = torch.rand([8192, 8192], torch.bfloat16, device.Open(torch.ScalarType.BFloat16).Device);
        var (busy, started) = (0.0, Stopwatch.GetTimestamp());
        while (Stopwatch.GetElapsedTime(started) < Part)
        {
            using (torch.NewDisposeScope())
            {
                for (var i = 0; i < 16; i++) left.matmul(left);
            }

            device.Synchronize();
            busy += times.Look([Environment.ProcessId]);
        }

        var computed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        // The sample that the end falls into.
        Thread.Sleep(TimeSpan.FromSeconds(1.5));
        busy += times.Look([Environment.ProcessId]);
        Thread.Sleep(Part);
        var resting = times.Look([Environment.ProcessId]);
        return new StepOutcome(busy > computed / 2 && busy < computed * 1.5 + 1 && resting < Part.TotalSeconds / 4,
            string.Create(CultureInfo.InvariantCulture,
                $"{busy:0.00} s of the GPU counted in {computed:0.00} s of products, {resting:0.00} in {Part.TotalSeconds:0} of rest"),
            new JsonObject { ["computed"] = computed, ["counted"] = busy, ["resting"] = resting });
    }
}
