using System.Text.Json.Nodes;

namespace Titer.Tournament.Tests;

/// <summary>A titer for each class of attackers, beside the one over all of them.</summary>
public sealed class AttackClassTests
{
    [Fact]
    public void Known_hidden_and_adaptive_attackers_have_a_titer_of_their_own()
    {
        var spec = Some.Spec("real");
        spec = spec with
        {
            ByClass = true,
            Attacks = [.. spec.Attacks, Some.Attack("surprise") with { IsHidden = true }, Some.Attack("adaptive_finetune")],
        };
        var report = Some.Play(spec, p => p is { Defense.Id: "real", Attack: { } attack, Exposure: not Exposure.None }
            ? Some.Trajectory(p, new() { [0] = 0, [Broken(attack)] = 0.9, [32] = 1 })
            : Some.Standard(p, new Dictionary<string, Dictionary<int, double>>()));

        var row = report.Rows.Single(r => r.Defense == "real");

        Assert.Equal([AttackClass.Known, AttackClass.Hidden, AttackClass.Adaptive], row.Classes!.Select(c => c.Class));
        Assert.Equal(["finetune", "surprise", "adaptive_finetune"], row.Classes!.Select(c => c.WorstAttack));
        Assert.True(row.Classes![0].TiterValue.Low > row.Classes[1].TiterValue.Low);
        Assert.True(row.Classes[1].TiterValue.Low > row.Classes[2].TiterValue.Low);
        // The worst of them is the titer.
        Assert.Equal(row.Titer, row.Classes[2].Titer);
        var json = JsonNode.Parse(TournamentJson.Serialize(LeaderboardDocument.From(report)))!["leaderboard"]!.AsArray()
            .First(r => (string)r!["defense"]! == "real");
        Assert.Equal("hidden", (string)json!["classes"]![1]!["class"]!);
        Assert.Contains("### By what defenders could know", ReportPage.Write(report), StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_without_an_attacker_has_none()
    {
        var row = Some.Play(Some.Spec("real") with { ByClass = true },
            p => Some.Standard(p, new Dictionary<string, Dictionary<int, double>>())).Rows[0];

        Assert.Equal([1, 0, 0], row.Classes!.Select(c => c.Attackers));
        Assert.Equal("no such attacker was entered", row.Classes![1].TiterGap);
        Assert.Null(Some.Play(Some.Spec("real"), _ => null).Rows[0].Classes);
    }

    private static int Broken(Entrant attack) => attack.Id switch { "finetune" => 16, "surprise" => 8, _ => 4 };
}
