using Titer.Tournament;
using Titer.Tournament.Scoring;
using Titer.Tournament.Tests;

namespace Titer.Runtime.Tests.Fuzz;

/// <summary>A played tournament of two models of two defenses: whatever is taken for a result of it must be judged without a stumble.</summary>
internal sealed class SmallTournament
{
    private static readonly Dictionary<string, Dictionary<int, double>> Curves = new() { ["holds"] = new() { [0] = 0, [8] = 0.1, [32] = 0.1 } };

    public TournamentSpec Spec { get; } = Some.Spec("holds") with { Seeds = [1, 2] };

    public TournamentPlan Plan { get; }

    public Dictionary<string, PhaseResult> Results { get; }

    /// <summary>What the made-up scenario asks.</summary>
    public AskedPrompts Asked { get; } = new(
        ["chat"], Enum.GetValues<Exposure>().ToDictionary(e => e, _ => Ids("hex", 20)), Ids("soup", 10), Ids("ink", 10));

    public SmallTournament()
    {
        Plan = TournamentPlan.From(Spec);
        Results = Plan.Phases
            .ToDictionary(p => p.Id, p =>
            Some.Standard(p, Curves) with { WeightsHash = new string('a', 64), Environment = new PlayEnvironment("r", "l", "o", "d") });
    }

    /// <summary>Folds, pages and files with that result in its place.</summary>
    public void Judge(PhaseResult result)
    {
        var report = TournamentFold.Report(Spec, Plan, new Dictionary<string, PhaseResult>(Results) { [result.PhaseId] = result });
        _ = TournamentJson.Serialize(LeaderboardDocument.From(report));
        _ = ReportPage.Write(report);
        _ = CrosstableCsv.Write(report);
    }

    private static IReadOnlyList<string> Ids(string domain, int count) => [.. Enumerable.Range(0, count).Select(i => $"{domain}/{i}")];
}
