using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Runtime.Workers;
using Titer.Tournament;

namespace Titer.Runtime.Tournaments;

/// <summary>
/// Plays a little of what a run has left on this machine: each defense with a few steps, each attack with a few steps on the undefended subject, and
/// one assessment, as many at a time as the run would. Nothing of it is kept.
/// </summary>
/// <param name="executorOf">Plays as a run in that folder would.</param>
internal sealed class PlanCalibration(Func<string, WorkerExecutor> executorOf, ResolvedTournament tournament, int lanes)
{
    private const int DefenseSteps = 8;
    private const int AttackSteps = 3;

    /// <param name="left">To be played.</param>
    /// <param name="more">Attack phases that results may call for.</param>
    /// <exception cref="MachineFaultException">The machine can play nothing.</exception>
    public async Task<PlanEstimate> RunAsync(IReadOnlyCollection<Phase> left, int more, CancellationToken abort)
    {
        if (left.Count == 0) return new PlanEstimate(0, 0, 0, 0);
        var spec = Short(tournament.Spec);
        // What an attack takes beside measuring is read from the one that does nothing.
        var (undefended, control) = (spec.Defenses[0], spec.Attacks[0].Id);
        var players = left.Select(p => p.Player?.Id).ToHashSet();
        Phase[] phases =
        [
            .. TournamentPlan.From(spec).Phases.Where(p => p.Defense.Id == undefended.Id
                ? p.Kind == PhaseKind.Defend || p.Attack?.Id == control
                    || (p.Exposure != Exposure.CrossDomain && (more > 0 || players.Contains(p.Player?.Id)))
                : p.Kind == PhaseKind.Defend && players.Contains(p.Defense.Id)),
        ];
        using var scratch = ScratchFolder.Create();
        using var folder = RunFolder.Open(Path.Combine(scratch.Path, "run"));
        await using var executor = executorOf(folder.Path);
        var runner = new TournamentRunner(executor, folder, tournament.Assets.PinnedIn(folder, spec), Quarantine.Empty, lanes);
        // Processes are started before anything is timed: a run starts one a lane, once.
        var first = await runner.PlayAsync(spec, Starts(spec), new Unseen(), abort, abort);
        var outcome = await runner.PlayAsync(spec, new TournamentPlan(phases, []), new Unseen(), abort, abort);
        abort.ThrowIfCancellationRequested();
        PhaseSample[] samples = [.. phases.Where(p => outcome.Results.ContainsKey(p.Id))
            .Select(p => (Phase: p, Result: outcome.Results[p.Id])).Select(p => new PhaseSample(p.Phase, p.Result, BytesOf(folder, p.Result)))];
        if (!samples.Any(s => s.Result.Status == PhaseStatus.Done))
        {
            throw new MachineFaultException(MachineFaultException.HostWorkCode, "Nothing could be played to estimate from: "
                + (outcome.Faults.Select(f => f.Why).FirstOrDefault() ?? samples.FirstOrDefault()?.Result.Reason ?? "no phase came to an end."));
        }

        var start = first.Results.Values.Select(r => r.WallSeconds).DefaultIfEmpty(0).Max();
        var estimate = PlanEstimate.Of(tournament.Spec, left, more, samples, (DefenseSteps, AttackSteps), lanes);
        return estimate with { Seconds = estimate.Seconds + start };
    }

    /// <summary>A phase for every lane, of seeds that the rest does not have.</summary>
    private TournamentPlan Starts(TournamentSpec spec) => new([.. TournamentPlan.From(spec with
    {
        Seeds = [.. Enumerable.Range(spec.Seeds[0] + 1, lanes)], Defenses = [spec.Defenses[0]], Attacks = [],
    }).Phases.Where(p => p.Kind == PhaseKind.Defend)], []);

    private static TournamentSpec Short(TournamentSpec spec) => spec with
    {
        Seeds = [spec.Seeds[0]],
        AttackSeeds = 1,
        EarlyStopping = null,
        DefenseLimits = spec.DefenseLimits with { Steps = Math.Min(DefenseSteps, spec.DefenseLimits.Steps) },
        AttackLimits = spec.AttackLimits with { Steps = Math.Min(AttackSteps, spec.AttackLimits.Steps) },
        Defenses = [.. spec.Defenses.Where(d => d.Refusal is null && d.Twin == 0).DistinctBy(d => d.Id)],
        Attacks = [.. spec.Attacks.Where(a => a.Refusal is null).DistinctBy(a => a.Id)
            .Select(a => a with { Family = a.Id, Label = a.Id, Search = null })],
    };

    private static long BytesOf(RunFolder folder, PhaseResult result) => RunCleaning.BytesOf(folder.PhaseFile(result.PhaseId))
        + RunCleaning.BytesOf(folder.LogFile(result.PhaseId))
        + (result.Kind == PhaseKind.Defend && result.WeightsHash is { } weights ? RunCleaning.BytesOf(folder.WeightsFile(weights)) : 0)
        + (result.SamplesHash is { } samples ? RunCleaning.BytesOf(folder.SamplesFile(result.PhaseId, samples)) : 0);

    private sealed class Unseen : IRunObserver
    {
        public void Started(Phase phase)
        {
        }

        public void Progressed(Phase phase, PhaseProgress progress)
        {
        }

        public void Finished(Phase phase, PhaseResult result)
        {
        }
    }
}
