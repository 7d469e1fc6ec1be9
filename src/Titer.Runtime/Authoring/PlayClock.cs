using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Authoring;

/// <summary>The deadline of the plugin's own time in a play worker; it stands still while the worker waits or works for the host.</summary>
internal sealed class PlayClock : IDisposable
{
    private readonly CancellationTokenSource _expired = new();
    private TournamentSpec? _spec;
    private TimeSpan _limit = Timeout.InfiniteTimeSpan;

    public CancellationToken Expired => _expired.Token;

    public void Begin(TournamentSpec spec) => _spec = spec;

    public void Enter(Phase phase) => _limit = phase.Kind switch
    {
        PhaseKind.Defend when _spec is not null => TimeSpan.FromSeconds(_spec.DefenseLimits.WallSeconds),
        PhaseKind.Attack when _spec is not null => TimeSpan.FromSeconds(_spec.AttackLimits.WallSeconds),
        _ => Timeout.InfiniteTimeSpan,
    };

    /// <summary>A sign of life in the plugin's own stage starts its seconds anew: this ends what hangs, it does not score.</summary>
    public void Enter(PhaseStage stage)
    {
        if (!_expired.IsCancellationRequested) _expired.CancelAfter(stage == PhaseStage.Playing ? _limit : Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _expired.Dispose();
}
