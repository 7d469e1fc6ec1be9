namespace Titer.Tournament.Tests;

/// <summary>A metric that the scenario's hash does not cover changes what is measured, and nothing else.</summary>
public sealed class MetricIdTests
{
    private static readonly TournamentSpec Plain = Some.Spec("no_defense", "d");

    [Fact]
    public void A_metric_enters_the_ids_of_what_it_judges_and_leaves_defenses_as_they_are()
    {
        var judged = Plain with { Metrics = [Metric(MetricRole.Harm)], MetricLimits = MetricLimits.Default };

        Assert.Equal(Ids(Plain, PhaseKind.Defend), Ids(judged, PhaseKind.Defend));
        Assert.Empty(Ids(Plain, PhaseKind.Attack).Intersect(Ids(judged, PhaseKind.Attack)));
        Assert.Empty(Ids(Plain, PhaseKind.Assess).Intersect(Ids(judged, PhaseKind.Assess)));
        Assert.Equal(TournamentPlan.From(Plain).Phases.Select(p => p.RandomSeed), TournamentPlan.From(judged).Phases.Select(p => p.RandomSeed));
    }

    [Fact]
    public void Its_role_build_options_and_limits_all_count_and_a_second_opinion_does_not()
    {
        TournamentSpec[] specs =
        [
            Plain,
            Of(Metric(MetricRole.Harm)),
            Of(Metric(MetricRole.Utility)),
            Of(Metric(MetricRole.Harm) with { ContentHash = "other" }),
            Of(Metric(MetricRole.Harm) with { Options = Some.Options("full", "0.5") }),
            Of(Metric(MetricRole.Harm)) with { MetricLimits = new MetricLimits(1, 2000) },
            Of(Metric(MetricRole.Harm) with { ContentHash = "" }),
        ];

        Assert.Equal(specs.Length, specs.Select(s => Ids(s, PhaseKind.Attack)[0]).Distinct().Count());
        Assert.Equal(Ids(Plain, PhaseKind.Attack), Ids(Of(Metric(MetricRole.Also)), PhaseKind.Attack));
        Assert.Equal(Ids(Of(Metric(MetricRole.Harm), Metric(MetricRole.Utility)), PhaseKind.Attack),
            Ids(Of(Metric(MetricRole.Utility), Metric(MetricRole.Harm)), PhaseKind.Attack));
    }

    [Fact]
    public void What_is_stored_comes_back_and_a_tournament_without_metrics_says_nothing_of_them()
    {
        var stored = TournamentJson.ParseSpec(
            TournamentJson.Serialize(Of(Metric(MetricRole.Utility) with { Options = Some.Options("full", "0.5") })));

        var metric = Assert.Single(stored.Metrics);
        Assert.Equal((MetricRole.Utility, "m", "0.5", "hash", true),
            (metric.Role, metric.Id, metric.Options["full"], metric.ContentHash, metric.IsPlugin));
        Assert.Equal(MetricLimits.Default, stored.MetricLimits);
        Assert.DoesNotContain("metric", TournamentJson.Serialize(Plain), StringComparison.Ordinal);
        Assert.Empty(TournamentJson.ParseSpec(TournamentJson.Serialize(Plain)).Metrics);
    }

    private static TournamentSpec Of(params ScoringMetric[] metrics) => Plain with { Metrics = metrics, MetricLimits = MetricLimits.Default };

    private static ScoringMetric Metric(MetricRole role) => new() { Role = role, Id = "m", ContentHash = "hash" };

    private static string[] Ids(TournamentSpec spec, PhaseKind kind) =>
        [.. TournamentPlan.From(spec).Phases.Where(p => p.Kind == kind).Select(p => p.Id)];
}
