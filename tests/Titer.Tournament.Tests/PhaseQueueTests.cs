namespace Titer.Tournament.Tests;

/// <summary>What is still to be played, and in which order.</summary>
public sealed class PhaseQueueTests
{
    private static readonly TournamentSpec Spec = Some.Spec("good", "bad") with { Seeds = [1, 2] };
    private static readonly TournamentPlan Plan = TournamentPlan.From(Spec);

    [Fact]
    public void Everything_is_played_once_and_a_phase_never_before_its_defense()
    {
        var queue = Queue();
        var played = new List<Phase>();

        PlayAll(queue, played);

        Assert.Equal(Plan.Phases.Select(p => p.Id).Order(), played.Select(p => p.Id).Order());
        Assert.All(played, p => Assert.True(p.DefendPhaseId is null || played.FindIndex(d => d.Id == p.DefendPhaseId) < played.IndexOf(p)));
    }

    [Fact]
    public void Attacks_wait_for_the_reference_that_they_are_held_against()
    {
        var queue = Queue(Spec with { EarlyStopping = StoppingRule.From(Spec.Thresholds) });
        var reference = TournamentPlan.ReferencePhase(queue.Spec).Id;
        var started = new List<Phase>();
        while (queue.Next() is { } phase)
        {
            started.Add(phase);
            if (phase.Id != reference) queue.Finish(phase, Done(phase));
        }

        Assert.Contains(started, p => p.Id == reference);
        Assert.DoesNotContain(started, p => p.Kind == PhaseKind.Attack);
        queue.Finish(started.Single(p => p.Id == reference), Done(started.Single(p => p.Id == reference)));
        Assert.Equal(PhaseKind.Attack, queue.Next()!.Kind);
    }

    [Fact]
    public void Resuming_plays_what_has_no_result()
    {
        var stored = Plan.Phases.Take(9).ToDictionary(p => p.Id, Done);
        var played = new List<Phase>();

        PlayAll(Queue(stored: stored), played);

        Assert.Equal(Plan.Phases.Count - 9, played.Count);
        Assert.DoesNotContain(played, p => stored.ContainsKey(p.Id));
    }

    [Fact]
    public void What_is_under_way_when_the_plan_changes_is_not_begun_again_and_counts_in_the_new_one()
    {
        var before = Queue();
        Phase[] underWay = [before.Next()!, before.Next()!];
        var after = Queue(Some.Spec("good", "newcomer") with { Seeds = [1, 2] });
        foreach (var phase in underWay) after.Resume(phase.Id);
        after.Resume("of nobody");
        var played = new List<Phase>();

        PlayAll(after, played);
        Assert.DoesNotContain(played, p => underWay.Any(u => u.Id == p.Id || u.Id == p.DefendPhaseId));

        // Who waited for its weights is played when they are there.
        foreach (var phase in underWay.Where(p => after.Has(p.Id))) after.Finish(phase, Done(phase));
        PlayAll(after, played);
        Assert.Equal(after.Plan.Phases.Select(p => p.Id).Except(underWay.Select(p => p.Id)).Order(), played.Select(p => p.Id).Order());
    }

    [Fact]
    public void What_a_failed_defense_makes_impossible_is_dropped()
    {
        var queue = Queue();
        var played = new List<Phase>();

        PlayAll(queue, played,
            p => p.Kind == PhaseKind.Defend && p.Defense.Id == "bad" ? Some.Result(p, PhaseStatus.Error, "TITER201", "threw") : Done(p));

        Assert.DoesNotContain(played, p => p.Kind != PhaseKind.Defend && p.Defense.Id == "bad");
        Assert.Contains(played, p => p.Kind == PhaseKind.Attack && p.Defense.Id == "good");
        Assert.Empty(queue.Waiting);
    }

    [Fact]
    public void A_phase_that_the_machine_failed_comes_again_after_the_others()
    {
        var queue = Queue();
        var first = queue.Next()!;
        queue.Return(first);
        var played = new List<Phase>();

        PlayAll(queue, played);

        Assert.Equal(Plan.Phases.Count, played.Count);
        Assert.True(played.IndexOf(first) > 0);
        Assert.Contains(played, p => p.DefendPhaseId == first.Id);
    }

    [Fact]
    public void A_phase_that_the_machine_failed_comes_again_only_when_nothing_plays_beside_it()
    {
        var queue = Queue();
        var (failed, neighbor) = (queue.Next()!, queue.Next()!);
        queue.Return(failed);
        var beside = new List<Phase>();
        while (queue.Next() is { } phase)
        {
            beside.Add(phase);
            queue.Finish(phase, Done(phase));
        }

        Assert.DoesNotContain(failed, beside);
        queue.Finish(neighbor, Done(neighbor));
        var rest = new List<Phase>();
        PlayAll(queue, rest);
        Assert.Contains(failed, rest);
        Assert.Empty(queue.Waiting);
    }

    [Fact]
    public void A_phase_that_is_given_up_has_no_result_and_nothing_waits_for_it()
    {
        var queue = Queue();
        var first = queue.Next()!;
        queue.GiveUp(first);
        var played = new List<Phase>();

        PlayAll(queue, played);

        Assert.DoesNotContain(played, p => p.Id == first.Id || p.DefendPhaseId == first.Id);
        Assert.False(queue.Results.ContainsKey(first.Id));
        Assert.Empty(queue.Waiting);
    }

    [Fact]
    public void A_defense_whose_result_does_not_hold_is_played_again_before_what_needs_it()
    {
        var defends = Plan.Phases.Where(p => p.Kind == PhaseKind.Defend).ToDictionary(p => p.Id, Done);
        var queue = Queue(stored: defends);
        var lost = Plan.Phases.First(p => p.Kind == PhaseKind.Defend && p.Defense.Id == "good");
        var played = new List<Phase>();

        queue.Forget(lost);
        PlayAll(queue, played);

        Assert.Equal(Plan.Phases.Count - defends.Count + 1, played.Count);
        Assert.All(played.Where(p => p.DefendPhaseId == lost.Id), p => Assert.True(played.IndexOf(p) > played.IndexOf(lost)));
    }

    [Fact]
    public void Nothing_more_of_a_build_that_is_set_aside_is_started()
    {
        var queue = Queue();
        var played = new List<Phase>();
        queue.SetAside("bad", "hash-of-bad");

        PlayAll(queue, played);

        Assert.DoesNotContain(played, p => p.Defense.Id == "bad");
        Assert.Contains(played, p => p.Kind == PhaseKind.Attack && p.Defense.Id == "good");
        Assert.Empty(queue.Waiting);
    }

    [Fact]
    public void A_composition_is_not_played_when_either_build_of_it_is_set_aside()
    {
        var two = Some.Attack("finetune") with { Id = "finetune -> prune", Label = "two", Then = Some.Attack("prune") };
        foreach (var aside in new[] { "finetune", "prune" })
        {
            var queue = Queue(Spec with { Attacks = [Some.Attack("no_weight_modification", harmful: false), two] });
            var played = new List<Phase>();
            queue.SetAside(aside, $"hash-of-{aside}");

            PlayAll(queue, played);

            Assert.DoesNotContain(played, p => p.Attack?.Label == "two");
            Assert.Contains(played, p => p.Attack?.Id == "no_weight_modification");
        }
    }

    [Theory]
    [InlineData("holds")]
    [InlineData("finetune")]
    [InlineData("prune")]
    public void What_is_open_is_what_a_queue_still_plays_when_a_build_is_set_aside(string aside)
    {
        var two = Some.Attack("finetune") with { Id = "finetune -> prune", Label = "two", Then = Some.Attack("prune") };
        var spec = Some.Spec(["holds"]) with { Attacks = [Some.Attack("no_weight_modification", harmful: false), two] };
        var queue = Queue(spec);
        queue.SetAside(aside, $"hash-of-{aside}");
        var open = PhaseQueue.Open(queue.Plan, queue.Results, e => e.Builds.Contains((aside, $"hash-of-{aside}"))).Select(p => p.Id).ToHashSet();
        var played = new List<Phase>();

        PlayAll(queue, played);

        Assert.Equal(open.Order(), played.Select(p => p.Id).Order());
        Assert.True(played.Count < queue.Plan.Phases.Count);
    }

    [Fact]
    public void The_winner_of_a_sweep_plays_again()
    {
        var tries = new[] { "0.1", "0.2" }.Select(
            rate => Some.Attack("finetune") with { Label = $"finetune {rate}", Family = "finetune", Options = Some.Options("learning_rate", rate) });
        var queue = Queue(Spec with { Attacks = [Some.Attack("no_weight_modification", harmful: false), .. tries] });
        var played = new List<Phase>();

        PlayAll(queue, played);

        var fresh = played.Where(p => p.IsFresh).ToArray();
        // Three defenses, two exposures, two seeds.
        Assert.Equal(12, fresh.Length);
        Assert.Equal(queue.Plan.Phases.Count, played.Count);
    }

    private static PhaseQueue Queue(TournamentSpec? spec = null, IReadOnlyDictionary<string, PhaseResult>? stored = null) =>
        new(spec ?? Spec, spec is null ? Plan : TournamentPlan.From(spec), stored ?? new Dictionary<string, PhaseResult>());

    private static PhaseResult Done(Phase phase) => Some.Standard(phase, new Dictionary<string, Dictionary<int, double>>());

    [Fact]
    public void Phases_of_no_cell_are_played_and_call_for_nothing()
    {
        var spec = Some.Spec(["holds"]);
        var queue = new PhaseQueue(spec, new TournamentPlan(TournamentPlan.From(spec).Phases, []), new Dictionary<string, PhaseResult>());
        var played = new List<Phase>();

        PlayAll(queue, played);

        Assert.Equal(TournamentPlan.From(spec).Phases.Count, played.Count);
    }

    private static void PlayAll(PhaseQueue queue, List<Phase> played, Func<Phase, PhaseResult>? play = null)
    {
        while (queue.Next() is { } phase)
        {
            played.Add(phase);
            queue.Finish(phase, (play ?? Done)(phase));
        }
    }
}
