using Titer.Runtime.Configuration;
using Titer.Runtime.Configuration.Protocols;

namespace Titer.Runtime.Tests.Configuration;

/// <summary>A protocol is an ordinary tournament: what it fixes stands in the file that is played; what the user sets wins and is said.</summary>
public sealed class ProtocolTests
{
    [Fact]
    public void Those_that_are_cited_are_there_and_each_says_what_it_fixes_and_leaves_out()
    {
        Assert.Equal(["booster-2025", "princeton-durable", "repnoise-2024", "seam-2026", "tamperbench", "vaccine-line"],
            ProtocolTable.All.Keys.Order(StringComparer.Ordinal));
        Assert.All(ProtocolTable.All.Values, p =>
        {
            Assert.Contains("arXiv", p.Cite, StringComparison.Ordinal);
            Assert.NotEmpty(p.Fixes);
            Assert.NotEmpty(p.LeavesOut);
            Assert.NotEmpty(p.Tournament.Attacks!);
            Assert.Null(p.Tournament.Defenses);
            Assert.Null(p.Tournament.Scenario);
        });
    }

    [Fact]
    public void What_it_fixes_is_filled_in_and_comes_back_from_the_resolved_file_without_its_name()
    {
        var file = ProtocolTable.Applied(TournamentFileReader.Parse("t.yaml", "protocol: repnoise-2024\ndefenses: [repnoise]\n"));

        Assert.Equal(("repnoise-2024", 2500, 10_000), (file.Name, file.Attack.Steps, file.Attack.Samples));
        Assert.Equal([42], file.Seeds!);
        Assert.Equal(["3e-5", "6e-5", "8e-5"], file.Attacks![0].Sweep["learning_rate"].Select(v => v.Value));
        Assert.Equal("repnoise", file.Defenses![0].Id.Value);
        Assert.Equal("protocol repnoise-2024: Rosati et al. 2024, NeurIPS, arXiv 2405.14577", file.ProtocolFacts[0]);
        Assert.DoesNotContain(file.ProtocolFacts, f => f.Contains("changed by", StringComparison.Ordinal));
        var written = TournamentFileWriter.Write(file);
        Assert.DoesNotContain("protocol:", written, StringComparison.Ordinal);
        Assert.Equal(written, TournamentFileWriter.Write(TournamentFileReader.Parse("run.yaml", written)));
    }

    [Fact]
    public void What_the_file_sets_itself_wins_and_is_said()
    {
        var file = ProtocolTable.Applied(TournamentFileReader.Parse("t.yaml",
            "name: mine\nprotocol: princeton-durable\nseeds: [1]\nattack_seeds: 2\nbudget: { attack: { steps: 9 } }\n"));

        Assert.Equal(("mine", 2, 9, null), (file.Name, file.AttackSeeds, file.Attack.Steps, file.Attack.Samples));
        Assert.Equal(5, file.Attacks!.Count);
        Assert.Equal("  changed by the tournament file: attack_seeds, budget.attack", file.ProtocolFacts[^1]);
    }

    [Fact]
    public void One_that_there_is_not_is_refused_with_its_place()
    {
        var e = Assert.Throws<ConfigurationException>(() =>
            ProtocolTable.Applied(TournamentFileReader.Parse("t.yaml", "name: x\nprotocol: tamper-bench\n")));
        Assert.StartsWith("t.yaml:2:11: TITER632 There is no protocol 'tamper-bench'. Did you mean 'tamperbench'?", e.Message,
            StringComparison.Ordinal);
    }
}
