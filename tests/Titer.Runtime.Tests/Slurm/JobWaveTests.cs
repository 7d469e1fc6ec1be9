using Titer.Runtime.Slurm;
using Titer.Tournament;
using Titer.Tournament.Tests;

namespace Titer.Runtime.Tests.Slurm;

/// <summary>Which phases become which arrays, and what those wait for.</summary>
public sealed class JobWaveTests
{
    private static readonly TournamentSpec Spec = Some.Spec(["holds", "bends"]) with { Seeds = [1, 2] };
    private static readonly TournamentPlan Plan = TournamentPlan.From(Spec);
    private static readonly string Reference = TournamentPlan.ReferencePhase(Spec).Id;

    [Fact]
    public void Defenses_wait_for_nothing_and_attacks_for_their_defense_and_the_reference()
    {
        var waves = JobWave.Of(Reference, [.. Plan.Phases], new HashSet<string>(), phasesPerJob: 1);

        Assert.Equal(Plan.Phases.Select(p => p.Id).Order(), waves.SelectMany(w => w.Tasks).SelectMany(t => t.Phases).Select(p => p.Id).Order());
        Assert.Equal((PhaseKind.Defend, 0), (waves[0].Tasks[0].Phases[0].Kind, waves[0].After.Count));
        Assert.Equal(Reference, Assert.Single(Assert.Single(waves[1].Tasks).Phases).Id);
        Assert.All(waves.Skip(1).SelectMany(w => w.Tasks.SelectMany(t => t.Phases).Select(p => (Phase: p, w.After))), job =>
        {
            Assert.Contains(job.Phase.DefendPhaseId!, job.After);
            Assert.Equal(job.Phase.Kind == PhaseKind.Attack, job.After.Contains(Reference));
        });
    }

    [Fact]
    public void Nothing_waits_for_what_has_a_result_and_everything_for_what_another_job_plays()
    {
        Phase[] attacks = [.. Plan.Phases.Where(p => p.Kind == PhaseKind.Attack)];

        Assert.Empty(Assert.Single(JobWave.Of(Reference, attacks, new HashSet<string>(), phasesPerJob: 1)).After);
        Assert.All(JobWave.Of(Reference, attacks, new HashSet<string> { Reference }, phasesPerJob: 1), w => Assert.Equal([Reference], w.After));
        Assert.All(JobWave.Of(null, attacks, new HashSet<string> { Reference }, phasesPerJob: 1), w => Assert.Empty(w.After));
    }

    [Fact]
    public void A_job_has_as_many_phases_as_asked_and_an_array_as_many_jobs_as_allowed()
    {
        Phase[] attacks = [.. Plan.Phases.Where(p => p.Kind == PhaseKind.Attack)];

        var wave = Assert.Single(JobWave.Of(null, attacks, new HashSet<string>(), phasesPerJob: 5));
        var arrays = wave.InArraysOf(2).ToArray();

        Assert.Equal((attacks.Length + 4) / 5, wave.Tasks.Count);
        Assert.All(wave.Tasks.SkipLast(1), t => Assert.Equal(5, t.Phases.Count));
        Assert.Equal((wave.Tasks.Count + 1) / 2, arrays.Length);
        Assert.Equal(attacks.Select(p => p.Id), arrays.SelectMany(a => a.Tasks).SelectMany(t => t.Phases).Select(p => p.Id));
    }
}
