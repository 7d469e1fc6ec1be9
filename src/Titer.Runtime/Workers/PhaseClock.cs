using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>
/// The deadline of a phase, kept outside its process: the plugin's own seconds count only while it plays, the host's loading and
/// evaluation have an allowance of their own, so that a hung evaluation ends too.
/// </summary>
internal sealed class PhaseClock : IDisposable
{
    /// <summary>The cooperative meter inside the worker gets this long to end the plugin first.</summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>For each stretch of loading or evaluation.</summary>
    internal static readonly TimeSpan HostAllowance = TimeSpan.FromMinutes(10);

    private readonly CancellationTokenSource _expired = new();
    private readonly TimeSpan _limit;
    private TimeSpan _played;
    private PhaseStage _stage = PhaseStage.Loading;
    private long _since = TimeProvider.System.GetTimestamp();

    public PhaseClock(PhaseLimits limits)
    {
        _limit = TimeSpan.FromSeconds(limits.WallSeconds);
        _expired.CancelAfter(HostAllowance);
    }

    /// <summary>Fires when the phase has overrun.</summary>
    public CancellationToken Expired => _expired.Token;

    public bool PluginOverran => _expired.IsCancellationRequested && _stage == PhaseStage.Playing;

    /// <summary>The worker says what it does now.</summary>
    public void Enter(PhaseStage stage)
    {
        if (stage == _stage) return;
        var now = TimeProvider.System.GetTimestamp();
        if (_stage == PhaseStage.Playing) _played += TimeProvider.System.GetElapsedTime(_since, now);
        (_stage, _since) = (stage, now);
        if (_expired.IsCancellationRequested) return;
        var left = stage == PhaseStage.Playing ? _limit - _played + Grace : HostAllowance;
        _expired.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    public void Dispose() => _expired.Dispose();
}
