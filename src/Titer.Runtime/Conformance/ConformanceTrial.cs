using Microsoft.Extensions.Logging.Abstractions;
using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Sdk;
using TorchSharp;

namespace Titer.Runtime.Conformance;

/// <summary>One short run of the plugin on a small random model, with a sensor on everything that it could touch.</summary>
internal sealed class ConformanceTrial(TrialSettings settings) : IStageWatch, IProgress<TrainingProgress>
{
    /// <summary>A trial takes a fraction of a second; a plugin that needs longer does not come back.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private static readonly Dictionary<string, string> Defaults = [];

    private readonly List<TrainingProgress> _progress = [];
    private long _liveTensors;
    private bool _gradients;
    private long _leftAt;

    TimeSpan IStageWatch.Deadline => Deadline;

    /// <summary>Plays once. Torch's global state is put back afterwards, whatever the plugin did to it.</summary>
    public TrialOutcome Play(PluginStage stage)
    {
        if (stage.Problem is { } problem) return TrialOutcome.Refused(PluginFault.Refusal(null, problem));
        stage.Watch = this;
        var device = new DeviceContext(torch.CPU, torch.ScalarType.Float32);
        var model = TrialMaterial.Model(settings.Shape, device);
        var data = new TrialMaterial(settings.Examples);
        var meter = new BudgetMeter(settings.Budget, settings.Clock);
        var random = new SeededRandom(settings.Seed, torch.CPU);
        using var before = TrialState.Capture(model);
        using var output = new OutputSensor();
        using var stop = new CancellationTokenSource();
        long cancelledAt = 0;
        using var noted = stop.Token.Register(() => cancelledAt = TimeProvider.System.GetTimestamp());
        if (settings.CancelAfter is { } delay) stop.CancelAfter(delay);

        model.Meter = meter;
        meter.Start();
        output.Begin();
        var fault = stage.Manifest.Kind == PluginKind.Defense
            ? stage.Immunize(new DefenseContext(device, model, data.Defense(), meter, random, NullLogger.Instance, this, stop.Token), Defaults)
            : stage.Attack(new AttackContext(device, model, data.Attack(settings.TrainsOn), meter, random, NullLogger.Instance, this, stop.Token,
                loadParent: stage.Manifest.NeedsParent ? () => TrialMaterial.Model(settings.Shape, device) : null), Defaults);
        output.End();
        // The thread may still be at work on all of this: it keeps it.
        if (fault is { Kind: "Timeout" }) return TrialOutcome.Stuck(fault);
        meter.Stop();
        var outcome = before.Compare(model) with
        {
            Fault = fault,
            Spent = meter.Spent,
            Refusals = meter.Refusals,
            LiveTensors = _liveTensors,
            LeftGradientsOff = !_gradients,
            Progress = _progress,
            DataChanged = data.IsChanged,
            Printed = output.Text,
            StopDelay = cancelledAt > 0 && _leftAt > cancelledAt ? TimeProvider.System.GetElapsedTime(cancelledAt, _leftAt) : TimeSpan.Zero,
        };
        random.Dispose();
        model.Dispose();
        return outcome;
    }

    public void Report(TrainingProgress value) => _progress.Add(value);

    void IStageWatch.Entered() => _liveTensors = -DeviceContext.LiveTensors;

    void IStageWatch.Left()
    {
        _leftAt = TimeProvider.System.GetTimestamp();
        _liveTensors += DeviceContext.LiveTensors;
        _gradients = torch.is_grad_enabled();
    }
}

/// <summary>How a trial is set up.</summary>
internal sealed record TrialSettings
{
    public ulong Seed { get; init; } = 1;

    public Budget Budget { get; init; } = new() { Steps = 6 };

    public TrialShape Shape { get; init; } = TrialShape.First;

    /// <summary>Examples of each kind.</summary>
    public int Examples { get; init; } = 12;

    /// <summary>What an attack may ask for.</summary>
    public TrainingData TrainsOn { get; init; } = TrainingData.Harmful;

    /// <summary>The budget's clock.</summary>
    public TimeProvider? Clock { get; init; }

    public TimeSpan? CancelAfter { get; init; }
}
