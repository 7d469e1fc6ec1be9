using System.Diagnostics;

namespace Titer.Sdk;

/// <summary>
/// Charges what a plugin spends. Forward passes are charged by the model itself, so a plugin's own loop is metered too.
/// Once a limit is passed every further charge throws, also when the plugin swallowed the first exception.
/// Used from the plugin's thread only.
/// </summary>
public sealed class BudgetMeter
{
    private readonly TimeProvider _clock;
    private long _started;
    private TimeSpan _elapsed;
    private bool _running;
    private int _suspended;
    private long? _endedAt;

    internal BudgetMeter(Budget limit, TimeProvider? clock = null)
    {
        Limit = limit;
        _clock = clock ?? TimeProvider.System;
    }

    public Budget Limit { get; }

    public long Steps { get; private set; }

    public long Samples { get; private set; }

    public long Tokens { get; private set; }

    public double Flops { get; private set; }

    public double WallSeconds => (_elapsed + (_running ? _clock.GetElapsedTime(_started) : TimeSpan.Zero)).TotalSeconds;

    public Spending Spent => new(Steps, Samples, Tokens, Flops, WallSeconds);

    /// <summary>Optimizer steps that are left; <see cref="int.MaxValue"/> when steps are not limited. Bound loops by it.</summary>
    public int StepsLeft => StepLimit is { } limit ? (int)Math.Clamp(limit - Steps, 0, int.MaxValue) : int.MaxValue;

    /// <summary>While the first of two attacks plays, the steps that it may take; null when all of them are one plugin's.</summary>
    internal long? Leg { get; set; }

    private long? StepLimit => Leg ?? Limit.Steps;

    /// <summary>Charges beyond a limit, each answered by an exception. More than one: the plugin caught it and went on.</summary>
    internal int Refusals { get; private set; }

    /// <summary>Charges one optimizer step.</summary>
    /// <exception cref="BudgetExceededException">A limit is passed.</exception>
    internal void ChargeStep()
    {
        Steps++;
        Check();
    }

    /// <summary>Charges a forward pass with gradients on; its backward pass is included in the estimate.</summary>
    internal void ChargeForward(long samples, long tokens, long parameterCount)
    {
        if (_suspended > 0) return;
        Samples += samples;
        Tokens += tokens;
        Flops += 6.0 * parameterCount * tokens;
        Check();
    }

    /// <summary>The host has seen enough: this charge and every further one is refused, as at the end of a budget.</summary>
    /// <exception cref="BudgetExceededException">Always.</exception>
    internal void End()
    {
        _endedAt ??= Steps;
        Check();
    }

    /// <summary>Starts the clock.</summary>
    internal void Start()
    {
        Debug.Assert(!_running);
        _started = _clock.GetTimestamp();
        _running = true;
    }

    /// <summary>Stops the clock.</summary>
    internal void Stop()
    {
        if (!_running) return;
        _elapsed += _clock.GetElapsedTime(_started);
        _running = false;
    }

    /// <summary>Host work (an evaluation) is neither timed nor charged until the result is disposed.</summary>
    internal IDisposable Suspend()
    {
        var wasRunning = _running;
        Stop();
        _suspended++;
        return new Suspension(this, wasRunning);
    }

    private void Check()
    {
        if (_endedAt is { } steps)
        {
            Refusals++;
            throw new BudgetExceededException("steps", steps);
        }

        Check("steps", Steps, StepLimit);
        Check("samples", Samples, Limit.Samples);
        Check("tokens", Tokens, Limit.Tokens);
        Check("FLOPs", Flops, Limit.Flops);
        if (Limit.WallSeconds is { } seconds) Check("seconds", WallSeconds, seconds);
    }

    private void Check(string unit, double spent, double? limit)
    {
        if (!(spent > limit)) return;
        Refusals++;
        throw new BudgetExceededException(unit, limit.Value);
    }

    private sealed class Suspension(BudgetMeter meter, bool wasRunning) : IDisposable
    {
        private bool _disposed;

        public void Dispose()
        {
            if (_disposed) return;
            _disposed = true;
            meter._suspended--;
            if (wasRunning) meter.Start();
        }
    }
}
