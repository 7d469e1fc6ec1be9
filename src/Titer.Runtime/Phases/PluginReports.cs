using Microsoft.Extensions.Logging;
using Titer.Sdk;
using Titer.Sdk.Models;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>A plugin's log, forwarded as text: the host keeps no plugin object.</summary>
internal sealed class PhaseLogger(IPhaseEvents events) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        var text = formatter(state, exception);
        events.Log(new PhaseLogLine(logLevel.ToString().ToLowerInvariant(),
            exception is null ? text : $"{text} ({exception.GetType().Name}: {exception.Message})"));
    }
}

/// <summary>A training loop's reports, forwarded to the live view.</summary>
internal sealed class StepReport(IPhaseEvents events) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) =>
        events.Report(new PhaseProgress(PhaseStage.Playing, value.Step, double.IsFinite(value.Loss) ? value.Loss : null));
}

/// <summary>Limits and spending between the SDK's and the tournament's records.</summary>
internal static class BudgetRecords
{
    /// <summary>A forward and a backward pass (Kaplan et al. 2020), as the meter charges them.</summary>
    private const double FlopsPerWeightAndToken = 6;

    /// <summary>Steps imply samples, samples imply tokens and FLOPs: whoever never calls Step() has no more than whoever does.</summary>
    public static Budget ToBudget(this PhaseLimits limits, CausalLanguageModel model)
    {
        var tokens = limits.Samples * model.Shape.MaxLength;
        return new Budget
        {
            Steps = limits.Steps,
            Samples = limits.Samples,
            Tokens = tokens,
            Flops = FlopsPerWeightAndToken * model.Arena.Count * tokens,
            WallSeconds = limits.WallSeconds,
        };
    }

    public static Spent ToSpent(this BudgetMeter meter) => new()
    {
        Steps = meter.Steps,
        Samples = meter.Samples,
        Tokens = meter.Tokens,
        Flops = meter.Flops,
        WallSeconds = meter.WallSeconds,
    };
}
