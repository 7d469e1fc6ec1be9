using Titer.League.Standing;
using Titer.Runtime.Authoring;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Runtime.Workers;
using Titer.Tournament;

namespace Titer.League.Play;

/// <summary>
/// What other metrics say of the same answers: asked when nothing plays, since all answers are read for it, and once for the same results. While
/// phases play the board has none. Used by one thread at a time.
/// </summary>
internal sealed class RestingOpinions(LeagueHost host, RunFolder folder, ResolvedTournament tournament, LeagueLog log)
{
    private IReadOnlyList<MetricOpinion> _opinions = [];
    private long _of;

    public async Task<IReadOnlyList<MetricOpinion>> OfAsync(IReadOnlyDictionary<string, PhaseResult> results)
    {
        // Whatever the order of the results.
        var of = results.Values.Sum(r => (long)HashCode.Combine(r.PhaseId, r.SamplesHash));
        if (of == _of) return _opinions;
        (_of, _opinions) = (of, await AskedAsync(results));
        return _opinions;
    }

    private async Task<IReadOnlyList<MetricOpinion>> AskedAsync(IReadOnlyDictionary<string, PhaseResult> results)
    {
        var assets = tournament.Assets;
        await using var metrics = new OpenMetrics(new MetricWorkers(host.WorkerDll, host.Protection), assets.MetricsOf(tournament.Spec),
            new JudgeMachine(host.WorkerDll, tournament.Spec.Device, assets.Verdicts).Open);
        try
        {
            return SecondOpinions.Of(folder, assets.Scenario, results, tournament.Spec.Thresholds.HarmThreshold, metrics.Open);
        }
        catch (Exception e) when (e is InvalidDataException or MetricFaultException or WorkerStartException or MachineFaultException)
        {
            log.Write(LeagueEventKind.Noticed, $"{e.Message} The board is written without second opinions.");
            return [];
        }
    }
}
