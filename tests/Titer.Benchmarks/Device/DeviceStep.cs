using System.Text.Json;
using System.Text.Json.Nodes;
using Titer.Models.Native;

namespace Titer.Benchmarks.Device;

/// <summary>What one step of the device check found.</summary>
/// <param name="Line">For people.</param>
internal sealed record StepOutcome(bool Ok, string Line, JsonObject Data);

/// <summary>
/// One step of the check of a device (<c>gpu/check</c>), in a process of its own: what one leaves in
/// the allocator, or breaks, does not touch the next.
/// <c>--device-step NAME DEVICE FOLDER</c>; the last line of output is the outcome as JSON.
/// </summary>
internal static class DeviceStep
{
    public const string Argument = "--device-step";

    private static readonly Dictionary<string, Func<DeviceUnderTest, StepOutcome>> Steps = new(StringComparer.Ordinal)
    {
        ["golden"] = GoldenStep.Run,
        ["snapshot"] = SnapshotStep.Run,
        ["out-of-memory"] = OutOfMemoryStep.Run,
        ["phases"] = PhaseMemoryStep.Run,
        ["products"] = ProductStep.Run,
        ["adamw"] = device => TrainingStep.Run(device, TrainingWay.AdamW),
        ["low-memory"] = device => TrainingStep.Run(device, TrainingWay.LowMemory),
        ["lora"] = device => TrainingStep.Run(device, TrainingWay.Lora),
        ["low-memory-8b"] = device => TrainingStep.Run(device.EightBillion(), TrainingWay.LowMemory),
        ["lora-8b"] = device => TrainingStep.Run(device.EightBillion(), TrainingWay.LoraRecomputed),
        ["generation"] = GenerationStep.Run,
        ["gpu-seconds"] = GpuSecondsStep.Run,
        ["where"] = WhereStep.Run,
    };

    public static int Run(string name, string device, string folder)
    {
        if (!Steps.TryGetValue(name, out var step))
        {
            Console.Error.WriteLine($"There is no step '{name}'. There are {string.Join(", ", Steps.Keys)}.");
            return 2;
        }

        StepOutcome outcome;
        try
        {
            NativeTorch.EnsureLoaded();
            outcome = step(new DeviceUnderTest(device, folder));
        }
        catch (Exception e)
        {
            // Whatever it was, the check goes on and shows it.
            outcome = new StepOutcome(false, $"{e.GetType().Name}: {e.Message.Split('\n')[0]}", new JsonObject { ["exception"] = e.ToString() });
        }

        Console.WriteLine(new JsonObject { ["ok"] = outcome.Ok, ["line"] = outcome.Line, ["data"] = outcome.Data }.ToJsonString(
            new JsonSerializerOptions { WriteIndented = false }));
        return outcome.Ok ? 0 : 1;
    }
}
