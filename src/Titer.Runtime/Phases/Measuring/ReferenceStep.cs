using System.Runtime.InteropServices;
using Titer.Scenarios;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Runtime.Phases.Measuring;

/// <summary>
/// How long a step of ordinary training takes here: loss and gradients of the longest rows of the scenario, as many as a step is charged for. What a
/// player computed is held against it. Weights stay as they are.
/// </summary>
internal static class ReferenceStep
{
    private const int TimedSteps = 3;

    /// <returns>Processor seconds of a step on the CPU, seconds by the clock on a GPU; null where it cannot be told: no rows, no memory.</returns>
    public static double? Seconds(CausalLanguageModel model, ScenarioSession session)
    {
        var rows = session.TrainabilityData(session.Scenario.Trainability.Domains);
        var byLength = Enumerable.Range(0, rows.Count).OrderByDescending(i => rows[i].Tokens.Length);
        int[] longest = [.. byLength.Take(ChargedSteps.SamplesPerStep)];
        if (longest.Length == 0) return null;
        try
        {
            Once();
            var (ran, started) = (Environment.CpuUsage.TotalTime, TimeProvider.System.GetTimestamp());
            for (var step = 0; step < TimedSteps; step++) Once();
            var taken = session.Device.Device.type == DeviceType.CPU
                ? Environment.CpuUsage.TotalTime - ran
                : TimeProvider.System.GetElapsedTime(started);
            return taken.TotalSeconds / TimedSteps * ChargedSteps.SamplesPerStep / longest.Length;
        }
        catch (ExternalException)
        {
            return null;
        }
        finally
        {
            model.Arena.ZeroGradients();
        }

        void Once()
        {
            using var scope = torch.NewDisposeScope();
            model.Arena.ZeroGradients();
            FineTuner.SupervisedLoss(model, rows.Batch(longest)).backward();
            // Waits for a GPU.
            model.Arena.GradientNorm();
        }
    }
}
