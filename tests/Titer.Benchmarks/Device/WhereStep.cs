using System.Globalization;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Benchmarks.Device;

/// <summary>
/// Where a training step's time goes, part by part: until the host has enqueued it, until the device
/// has done it, and what the device needs when it never
/// waits for the host, because a long product before it gives the host a head start. Enqueued as late as done, and done later than the device needs:
/// the launches are the limit. The GPU queues about a thousand kernels; a part of more is told as too long.
/// </summary>
internal static class WhereStep
{
    private const int Repeats = 5;

    /// <summary>A product of this size takes tens of milliseconds.</summary>
    private const long HeadStartSize = 16384;

    public static StepOutcome Run(DeviceUnderTest device)
    {
        using var model = device.LargeModel();
        using var optimizer = new AdamW(model.Arena, 1e-4);
        using var scope = torch.NewDisposeScope();
        var batch = device.TrainingBatch();
        for (var i = 0; i < 2; i++) Step(model, optimizer, batch, (_, part) => part());

        var parts = new Dictionary<string, Part>(StringComparer.Ordinal);
        for (var i = 0; i < Repeats; i++)
        {
            Step(model, optimizer, batch, (name, part) =>
            {
                device.Synchronize();
                var started = Stopwatch.GetTimestamp();
                part();
                var enqueued = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                device.Synchronize();
                if (!parts.TryGetValue(name, out var times)) parts[name] = times = new Part();
                times.Enqueued.Add(enqueued);
                times.Done.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            });
        }

        if (device.IsCuda)
        {
            var ahead = torch.randn([HeadStartSize, HeadStartSize], dtype: torch.ScalarType.BFloat16, device: model.Arena.Flat.device);
            for (var i = 0; i < Repeats; i++) Step(model, optimizer, batch, (name, part) => parts[name].Device.Add(Behind(ahead, device, part)));
        }

        var rows = parts.Select(p => (Name: p.Key, Enqueued: PairedRatio.Median(p.Value.Enqueued), Done: PairedRatio.Median(p.Value.Done),
            Device: p.Value.Device.Count > 0 ? PairedRatio.Median(p.Value.Device) : (double?)null)).ToArray();
        return new StepOutcome(true, string.Join("; ", rows.Select(r => Line(r.Name, r.Enqueued, r.Done, r.Device))),
            new JsonObject([.. rows.Select(r => KeyValuePair.Create(r.Name,
                (JsonNode?)new JsonObject { ["enqueued_ms"] = r.Enqueued, ["done_ms"] = r.Done, ["device_ms"] = r.Device }))]));
    }

    private static string Line(string name, double enqueued, double done, double? device) => device is { } needed
        ? string.Create(CultureInfo.InvariantCulture,
            $"{name}: enqueued after {enqueued:0.0} ms, done after {done:0.0} ms, kernels back to "
                + $"back {needed:0.0} ms ({100 * (1 - Math.Min(1, needed / done)):0} % waiting for launches)")
        : FormattableString.Invariant($"{name}: enqueued after {enqueued:0.0} ms, done after {done:0.0} ms");

    private static void Step(CausalLanguageModel model, AdamW optimizer, TokenBatch batch, Action<string, Action> run)
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor? loss = null;
        run("zero", model.Arena.ZeroGradients);
        // Without SupervisedLoss, which asks the device for positions and so waits for it.
        run("forward", () => loss = CausalLoss.CrossEntropy(model.Forward(batch.InputIds), batch.Labels));
        run("backward", () => loss!.backward());
        run("optimizer", optimizer.Step);
    }

    private static double Behind(torch.Tensor ahead, DeviceUnderTest device, Action part)
    {
        device.Synchronize();
        using var clock = new DeviceClock();
        for (var i = 0; i < 4; i++) torch.mm(ahead, ahead).Dispose();
        var from = clock.Mark();
        part();
        var to = clock.Mark();
        device.Synchronize();
        return DeviceClock.Milliseconds(from, to);
    }

    private sealed record Part
    {
        public List<double> Enqueued { get; } = [];

        public List<double> Done { get; } = [];

        public List<double> Device { get; } = [];
    }
}
