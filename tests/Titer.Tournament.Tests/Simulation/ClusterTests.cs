using Titer.Tournament.Scoring;

namespace Titer.Tournament.Tests.Simulation;

/// <summary>A thousand workers that fail at random, by the queue alone: no process, no clock but a count of ticks.</summary>
public sealed class ClusterTests
{
    private const int Workers = 1000;
    private const double Failure = 0.05;
    private const int MostTries = 3;

    private static readonly TournamentSpec Spec = Some.Spec([.. Enumerable.Range(1, 11).Select(i => $"defense{i}")]) with
    {
        Seeds = [.. Enumerable.Range(1, 8)],
        AttackSeeds = 5,
        EarlyStopping = StoppingRule.From(new Thresholds()),
        Attacks =
        [
            Some.Attack("no_weight_modification", harmful: false), .. Enumerable.Range(1, 8).Select(i => Some.Attack($"attack{i}")),
            .. new[] { "0.1", "0.2" }.Select(rate =>
                Some.Attack("sweep") with { Label = $"sweep {rate}", Family = "sweep", Options = Some.Options("learning_rate", rate) }),
        ],
    };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_thousand_workers_that_fail_at_random_lose_no_phase_and_do_none_twice(int seed)
    {
        var cluster = new Cluster(seed, Workers);
        var queue = new PhaseQueue(Spec, TournamentPlan.From(Spec), new Dictionary<string, PhaseResult>());

        cluster.Play(queue);

        Assert.Empty(queue.Waiting);
        Assert.True(cluster.Failures > 100);
        Assert.Equal(queue.Plan.Phases.Select(p => p.Id).Order(), cluster.Finished.Order());
        Assert.Contains(queue.Plan.Phases, p => p.IsFresh);
        // Every cell of the plan, those that a sweep's winner added among them, is scored by exactly one finished phase.
        Assert.Equal(queue.Plan.Cells.Count, queue.Plan.Cells.Select(c => c.AttackPhaseId).Distinct().Count());
    }

    [Fact]
    public void A_cluster_that_is_stopped_and_started_again_plays_only_what_has_no_result()
    {
        var first = new Cluster(4, Workers);
        var queue = new PhaseQueue(Spec, TournamentPlan.From(Spec), new Dictionary<string, PhaseResult>());
        first.Play(queue, most: 3000);

        var second = new Cluster(5, Workers);
        var resumed = new PhaseQueue(Spec, queue.Plan, queue.Results);
        second.Play(resumed);

        Assert.Equal(3000, first.Finished.Count);
        Assert.Empty(first.Finished.Intersect(second.Finished));
        Assert.Equal(resumed.Plan.Phases.Count, first.Finished.Count + second.Finished.Count);
    }

    [Fact]
    public void A_result_does_not_depend_on_how_many_workers_played()
    {
        var reports = new[] { 1, 7, Workers }.Select(workers =>
        {
            var queue = new PhaseQueue(Spec, TournamentPlan.From(Spec), new Dictionary<string, PhaseResult>());
            new Cluster(6, workers).Play(queue);
            return TournamentJson.Serialize(LeaderboardDocument.From(TournamentFold.Report(Spec, TournamentPlan.From(Spec), queue.Results)));
        }).ToArray();

        Assert.All(reports, r => Assert.Equal(reports[0], r));
    }

    private sealed class Cluster(int seed, int workers)
    {
        private readonly Random _random = new(seed);
        private readonly Dictionary<string, int> _tries = [];

        public List<string> Finished { get; } = [];

        public int Failures { get; private set; }

        /// <summary>Every tick each free worker takes a phase, and one that plays may end: well, or by losing its machine.</summary>
        public void Play(PhaseQueue queue, int most = int.MaxValue)
        {
            var (results, playing, taken, returned) = (new HashSet<string>(), new List<Phase>(), new HashSet<string>(), new HashSet<string>());
            while (Finished.Count < most)
            {
                while (playing.Count < workers && queue.Next() is { } phase)
                {
                    Assert.True(phase.DefendPhaseId is null || queue.Results.ContainsKey(phase.DefendPhaseId), "A phase came before its defense.");
                    Assert.True(taken.Add(phase.Id) || returned.Remove(phase.Id), "A phase was taken twice.");
                    playing.Add(phase);
                }

                if (playing.Count == 0) return;
                var at = _random.Next(playing.Count);
                var ended = playing[at];
                playing.RemoveAt(at);
                if (_random.NextDouble() < Failure && (_tries[ended.Id] = _tries.GetValueOrDefault(ended.Id) + 1) < MostTries)
                {
                    Failures++;
                    returned.Add(ended.Id);
                    queue.Return(ended);
                    continue;
                }

                Assert.True(results.Add(ended.Id), "A phase was done twice.");
                Finished.Add(ended.Id);
                queue.Finish(ended, Some.Standard(ended, new Dictionary<string, Dictionary<int, double>>()));
            }
        }
    }
}
