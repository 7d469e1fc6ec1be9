using System.Globalization;
using System.Text.Json.Nodes;
using Titer.Tournament;

namespace Titer.Benchmarks.Device;

/// <summary>
/// Two rounds of the same phases in one process: what a phase took, the next ones use again, so the second round needs no more than the first. (A
/// process of a stranger's plugin ends with its phase, and gives back everything.)
/// </summary>
internal static class PhaseMemoryStep
{
    /// <summary>On a GPU torch takes memory in pieces of 2 to 20 MB; on the CPU the peak of a process of two heaps is noise of some ten.</summary>
    private const double MostGrowthMegabytes = 128;

    public static StepOutcome Run(DeviceUnderTest device)
    {
        var first = PlayedPhases.Play(device);
        var second = PlayedPhases.Play(device);
        var growth = second[^1].UsedMegabytes - first[^1].UsedMegabytes;
        var done = first.Concat(second).Count(p => p.Result.Status == PhaseStatus.Done);
        var ok = done == first.Count + second.Count && growth <= MostGrowthMegabytes;
        return new StepOutcome(ok,
            string.Create(CultureInfo.InvariantCulture,
                $"{done} of {first.Count + second.Count} phases done in one process on {first[0].Result.Environment?.Device}; memory in use "
                    + $"after the first round {first[^1].UsedMegabytes:0} MB, after the second {growth:+0;-0;0} MB (at most "
                    + $"+{MostGrowthMegabytes:0})"),
            new JsonObject { ["done"] = done, ["used_megabytes"] = new JsonArray([.. first.Concat(second).Select(p => (JsonNode)p.UsedMegabytes)]),
                ["growth_megabytes"] = growth });
    }
}
