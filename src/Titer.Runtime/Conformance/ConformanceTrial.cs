using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Sdk;
using TorchSharp;

namespace Titer.Runtime.Conformance;

/// <summary>One short run of the plugin, set up as a phase sets it up, with a sensor on everything that it could touch.</summary>
/// <param name="material">A tournament's subject and data; null takes a small random model.</param>
internal sealed class ConformanceTrial(TrialSettings settings, SubjectMaterial? material) : IStageWatch, IPhaseEvents
{
    /// <summary>A trial takes a fraction of a second, on a subject a few; a plugin that needs longer does not come back.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private static readonly Dictionary<string, string> Defaults = [];

    private readonly SubjectMaterial? _material = settings.IsMadeUp ? null : material;
    private readonly List<int> _reported = [];
    private long _liveTensors;
    private bool _gradients;
    private long _leftAt;

    TimeSpan IStageWatch.Deadline => Deadline;

    /// <summary>Plays once. Torch's global state is put back afterwards, whatever the plugin did to it.</summary>
    public TrialOutcome Play(PluginStage stage)
    {
        if (stage.Problem is { } problem) return TrialOutcome.Refused(PluginFault.Refusal(null, problem));
        stage.Watch = this;
        var device = _material?.Device ?? new DeviceContext(torch.CPU, torch.ScalarType.Float32);
        var ground = _material?.Ground(stage.Manifest) ?? TrialMaterial.Ground(settings.Shape, settings.Examples, device);
        var (model, fingerprint) = (ground.Model, ground.Fingerprint());
        var clock = new PluginClock();
        var meter = new BudgetMeter(settings.Limited(ground.Budget), settings.Clock ?? clock);
        var random = new SeededRandom(settings.Seed, torch.CPU);
        using var before = TrialState.Capture(model);
        using var output = new OutputSensor();
        using var stop = new CancellationTokenSource();
        long cancelledAt = 0;
        using var noted = stop.Token.Register(() => cancelledAt = TimeProvider.System.GetTimestamp());
        if (settings.CancelAfter is { } delay) stop.CancelAfter(delay);

        model.Meter = meter;
        stage.Calling = call =>
        {
            if (call == PluginCall.Constructor) clock.Follow();
        };
        meter.Start();
        output.Begin();
        var fault = stage.Manifest.Kind == PluginKind.Defense
            ? stage.Immunize(new DefenseContext(device, model, ground.Defense(), meter, random, new PhaseLogger(this), new StepReport(this),
                stop.Token), Defaults)
            : stage.Attack(AttackOn(ground, stage.Manifest, meter, random, device, stop.Token), Defaults);
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
            ReportedSteps = _reported,
            DataChanged = ground.Fingerprint() != fingerprint,
            Printed = output.Text,
            StopDelay = cancelledAt > 0 && _leftAt > cancelledAt ? TimeProvider.System.GetElapsedTime(cancelledAt, _leftAt) : TimeSpan.Zero,
        };
        random.Dispose();
        model.Dispose();
        return outcome;
    }

    void IPhaseEvents.Report(PhaseProgress progress) => _reported.Add(progress.Step);

    void IPhaseEvents.Log(PhaseLogLine line)
    {
        // A trial keeps no log.
    }

    void IStageWatch.Entered() => _liveTensors = -DeviceContext.LiveTensors;

    void IStageWatch.Left()
    {
        _leftAt = TimeProvider.System.GetTimestamp();
        _liveTensors += DeviceContext.LiveTensors;
        _gradients = torch.is_grad_enabled();
    }

    private AttackContext AttackOn(TrialGround ground, PluginManifest plugin, BudgetMeter meter, SeededRandom random, DeviceContext device,
        CancellationToken stop)
    {
        var (model, measurement) = (ground.Model, ground.Measurement);
        return new AttackContext(device, model, ground.Attack(settings.TrainsOn ?? plugin.TrainsOn), meter, random, new PhaseLogger(this),
            new StepReport(this), stop,
            onStep: () =>
            {
                if (measurement is not null && meter.Steps <= TrialGround.Steps)
                    Suspended(meter, () => measurement.Measure(model, (int)meter.Steps, meter.Spent));
                if (settings.CancelAfter is null && meter.Steps >= ground.LastStep) meter.End();
            },
            text: ground.Text,
            onAsk: measurement is null ? null
                : wrappers => Suspended(meter, () => measurement.Ask(model, wrappers, (int)meter.Steps, meter.Spent)),
            loadParent: plugin.NeedsParent ? ground.Parent : null);
    }

    private static void Suspended(BudgetMeter meter, Func<bool> measure)
    {
        using var suspended = meter.Suspend();
        measure();
    }
}

/// <summary>How a trial is set up.</summary>
internal sealed record TrialSettings
{
    public ulong Seed { get; init; } = 1;

    /// <summary>Of the ground's budget the one that this trial has.</summary>
    public Func<Budget, Budget> Limited { get; init; } = budget => budget;

    /// <summary>Of a made-up model.</summary>
    public TrialShape Shape { get; init; } = TrialShape.First;

    /// <summary>Of each kind, where they are made up.</summary>
    public int Examples { get; init; } = 12;

    /// <summary>Played on a small random model, whatever the tournament's is.</summary>
    public bool IsMadeUp { get; init; } = true;

    /// <summary>What an attack may ask for; null for what it declares.</summary>
    public TrainingData? TrainsOn { get; init; } = TrainingData.Harmful;

    /// <summary>The budget's clock.</summary>
    public TimeProvider? Clock { get; init; }

    public TimeSpan? CancelAfter { get; init; }
}
