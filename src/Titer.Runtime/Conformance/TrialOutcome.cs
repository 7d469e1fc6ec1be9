using Titer.Plugins;
using Titer.Sdk;

namespace Titer.Runtime.Conformance;

/// <summary>What the sensors of a trial saw.</summary>
internal sealed record TrialOutcome
{
    public PluginFault? Fault { get; init; }

    /// <summary>The plugin's thread is still running.</summary>
    public bool IsStuck { get; init; }

    /// <summary>The method ended, by itself or by its budget.</summary>
    public bool IsComplete => !IsStuck && Fault is null or { IsBudgetExceeded: true };

    public IReadOnlyList<float> Before { get; init; } = [];

    public IReadOnlyList<float> After { get; init; } = [];

    public bool WeightsChanged { get; init; }

    /// <summary>What differs from the model's layout, in words; null when nothing does.</summary>
    public string? LayoutChange { get; init; }

    /// <summary>Name of the first parameter that is not finite.</summary>
    public string? NotFinite { get; init; }

    public Spending Spent { get; init; }

    /// <inheritdoc cref="BudgetMeter.Refusals"/>
    public int Refusals { get; init; }

    public long LiveTensors { get; init; }

    public bool LeftGradientsOff { get; init; }

    /// <summary>What changed of torch's settings, in words.</summary>
    public string? GlobalsChange { get; init; }

    public bool GlobalGeneratorMoved { get; init; }

    public IReadOnlyList<int> ReportedSteps { get; init; } = [];

    public bool DataChanged { get; init; }

    /// <summary>What the plugin's thread wrote to the console.</summary>
    public string Printed { get; init; } = "";

    /// <summary>From the cancellation to the end of the plugin's method.</summary>
    public TimeSpan StopDelay { get; init; }

    public static TrialOutcome Stuck(PluginFault fault) => new() { Fault = fault, IsStuck = true };

    public static TrialOutcome Refused(PluginFault fault) => new() { Fault = fault };
}
