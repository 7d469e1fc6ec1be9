using System.Globalization;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Titer.Sdk;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Benchmarks.Device;

/// <summary>A snapshot of a model on the device gives its weights back to the bit after training, in
/// its own memory and in the time of a copy.</summary>
internal static class SnapshotStep
{
    public static StepOutcome Run(DeviceUnderTest device)
    {
        using var model = device.LargeModel();
        // On the CPU "cpu" is no copy.
        using var before = model.Arena.Flat.cpu().clone();
        using var snapshot = DeviceContext.Snapshot(model);
        Train(device, model);
        var changed = !Same(model, before);
        device.Synchronize();
        var started = Stopwatch.GetTimestamp();
        snapshot.Restore();
        device.Synchronize();
        var milliseconds = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        var restored = Same(model, before);
        var gigabytes = model.Arena.Count * 2.0 / 1e9;
        return new StepOutcome(changed && restored,
            string.Create(CultureInfo.InvariantCulture,
                $"{model.Arena.Count / 1e6:0.###} million bfloat16 weights changed by training: {changed}, back to the "
                    + $"bit: {restored}, in {milliseconds:0.###} ms"),
            new JsonObject { ["changed"] = changed, ["restored"] = restored, ["milliseconds"] = milliseconds, ["gigabytes"] = gigabytes });
    }

    private static void Train(DeviceUnderTest device, CausalLanguageModel model)
    {
        using var scope = torch.NewDisposeScope();
        var batch = device.TrainingBatch();
        using var optimizer = new Sgd(model.Arena, 1e-1);
        model.Arena.ZeroGradients();
        FineTuner.SupervisedLoss(model, batch).backward();
        optimizer.Step();
    }

    private static bool Same(CausalLanguageModel model, torch.Tensor before)
    {
        using var scope = torch.NewDisposeScope();
        return model.Arena.Flat.cpu().eq(before).all().item<bool>();
    }
}
