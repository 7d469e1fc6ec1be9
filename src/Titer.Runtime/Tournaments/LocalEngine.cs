using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Tournament;

namespace Titer.Runtime.Tournaments;

/// <summary>Phases on this machine, by an executor.</summary>
internal sealed class LocalEngine : IPhaseEngine
{
    private readonly ScenarioParts _parts;
    private readonly PhasePlay _play;

    public LocalEngine(IPhaseExecutor executor, RunFolder folder, RunAssets assets, ResultStore store, TournamentSpec spec, int lanes)
    {
        (Lanes, _parts) = (lanes, new ScenarioParts(assets.Scenario));
        _play = new PhasePlay(executor, folder, assets, store, _parts, new DeviceLanes(spec.Device, VisibleGpus.Count()));
    }

    public int Lanes { get; }

    /// <summary>As many as may have been under way when the machine fell ill, and some more.</summary>
    public int MostFaultsInARow => 3 + Lanes - 1;

    public Task<PhaseOutcome> PlayAsync(PhaseRequest request, Action<PhaseProgress> progressed, CancellationToken drain, CancellationToken abort) =>
        _play.PlayAsync(request, progressed, abort);

    public void Dispose() => _parts.Dispose();
}
