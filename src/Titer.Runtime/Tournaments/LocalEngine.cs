using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Tournament;

namespace Titer.Runtime.Tournaments;

/// <summary>Phases on this machine, by an executor.</summary>
internal sealed class LocalEngine(IPhaseExecutor executor, RunFolder folder, RunAssets assets, ResultStore store, TournamentSpec spec, int lanes)
    : IPhaseEngine
{
    private readonly ScenarioParts _parts = new(assets.Scenario);
    private readonly DeviceLanes _devices = new(spec.Device, VisibleGpus.Count());
    private PhasePlay? _play;

    public int Lanes => lanes;

    /// <summary>As many as may have been under way when the machine fell ill, and some more.</summary>
    public int MostFaultsInARow => 3 + lanes - 1;

    public void Change(RunAssets assets) => _play = new PhasePlay(executor, folder, assets, store, _parts, _devices);

    public Task<PhaseOutcome> PlayAsync(PhaseRequest request, Action<PhaseProgress> progressed, CancellationToken drain, CancellationToken abort)
    {
        if (_play is null) Change(assets);
        // The one that plays now has the builds that this phase was planned with.
        var play = _play!;
        return Task.Run(() => play.PlayAsync(request, progressed, abort), CancellationToken.None);
    }

    public void Dispose() => _parts.Dispose();
}
