using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Titer.Plugins;
using Titer.Tournament;
using TorchSharp;

namespace Titer.Benchmarks.Device;

/// <summary>
/// An allocation that the device has no room for is an exception with the size that was asked for,
/// and the process computes on. On a GPU, whose memory
/// can be filled, a whole phase then ends as a status with that size, and the same phase is played to its end once there is room again.
/// </summary>
internal static class OutOfMemoryStep
{
    /// <summary>More than any device has.</summary>
    private const long TooManyBytes = 1L << 46;

    /// <summary>Down to what torch's allocator asks the driver for at least.</summary>
    private static readonly long[] BallastBytes = [1L << 30, 64L << 20, 2L << 20];

    public static StepOutcome Run(DeviceUnderTest device)
    {
        var asked = Ask(device) is { } message ? MemoryRequest.Of(message) : null;
        var named = asked is not null && Math.Abs(asked.Megabytes - TooManyBytes / (double)(1 << 20)) < 0.01 * asked.Megabytes
            && asked.IsOnGpu == device.IsCuda;
        var usable = Computes(device);
        var data = new JsonObject { ["asked_megabytes"] = asked?.Megabytes, ["size_named"] = named, ["usable_after"] = usable };
        var line = $"{asked?.ToString() ?? "no size"} refused with its size: {named}, process usable after: {usable}";
        if (!device.IsCuda) return new StepOutcome(named && usable, line + "; a full device skipped: the CPU's memory cannot be filled here", data);

        var (full, room) = PhaseOnFullDevice(device);
        var stated = full.Status == PhaseStatus.Error && full.Code == "TITER218"
            && full.Reason?.Contains(" MB that it asked for at once", StringComparison.Ordinal) == true;
        (data["full"], data["full_code"], data["full_fact"], data["after"]) = (full.Status.ToString(), full.Code, full.Reason,
            room.Status.ToString());
        return new StepOutcome(named && usable && stated && room.Status == PhaseStatus.Done,
            $"{line}; a phase on a full GPU: {full.Code} {full.Reason}; the same phase after: {room.Status}", data);
    }

    private static string? Ask(DeviceUnderTest device)
    {
        try
        {
            torch.empty([TooManyBytes], dtype: torch.ScalarType.Byte, device: device.Open(torch.ScalarType.Float32).Device).Dispose();
            return null;
        }
        catch (ExternalException e)
        {
            return e.Message;
        }
    }

    private static bool Computes(DeviceUnderTest device)
    {
        using var scope = torch.NewDisposeScope();
        var ones = torch.ones([64, 64], device: device.Open(torch.ScalarType.Float32).Device);
        return torch.mm(ones, ones).sum().item<float>() == 64 * 64 * 64;
    }

    private static (PhaseResult Full, PhaseResult Room) PhaseOnFullDevice(DeviceUnderTest device)
    {
        PhaseResult full;
        using (torch.NewDisposeScope())
        {
            foreach (var bytes in BallastBytes) Fill(device, bytes);
            full = PlayedPhases.Play(device)[0].Result;
        }

        return (full, PlayedPhases.Play(device)[0].Result);
    }

    private static void Fill(DeviceUnderTest device, long bytes)
    {
        var target = device.Open(torch.ScalarType.Float32).Device;
        try
        {
            while (true) torch.empty([bytes], dtype: torch.ScalarType.Byte, device: target);
        }
        catch (ExternalException)
        {
            // Full, to within one piece; the enclosing scope holds all of them.
        }
    }
}
