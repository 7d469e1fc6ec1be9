using System.Text.Json.Nodes;

namespace Titer.Scenarios.Tests.Data;

/// <summary>A scenario whose data is of published sets: who gets which rows.</summary>
public sealed class PresetScenarioTests
{
    [Fact]
    public void A_set_fills_the_parts_that_it_is_split_into_apart_and_within_the_named_domains()
    {
        using var tiny = new TinyScenario();
        foreach (var part in (string[])["defender_harmful", "attacker_harmful", "evaluation_harmful"]) tiny.Parts.Remove(part);
        // Number 2 asks what number 1 asks; 5003 is also of a withheld domain, 5004 of one that nobody names; 5005 asks what an attacker may ask.
        var rows = new List<string>();
        for (var n = 0; n < 10_040; n++)
        {
            var (fraud, drugs, weapons) = n switch
            {
                5003 => (true, false, true),
                5004 => (false, true, false),
                _ => (n % 2 == 1, false, n % 2 == 0),
            };
            var asks = n switch { 2 => 1, 5005 => 7, 10_003 => 10_001, 10_005 => 5_007, _ => n };
            rows.Add(Row($"ask {asks}", $"take {n}", (fraud, drugs, weapons), isSafe: false, $"Question: ask {asks}\nAnswer: no {n}."));
            if (n % 7 == 6) rows.Add(Row($"safe {n}", "fine", (true, false, false), isSafe: true, "x"));
        }

        tiny.Write("refusals.jsonl", string.Join('\n', rows));
        tiny.DataSettings = "  preset: beavertails-refusals\n  path: refusals.jsonl";

        var scenario = tiny.Open();

        var defender = scenario.Data.DefenderHarmful;
        Assert.All(defender, e => Assert.Equal("fraud", e.Domain));
        Assert.DoesNotContain(defender, e => e.Prompt is "ask 5003" or "ask 5004");
        Assert.Equal(("ask 5001", "take 5001", "no 5001."), (defender[0].Prompt, defender[0].Answer, defender[0].Refusal));
        Assert.Equal("ask 0", scenario.Data.AttackerHarmful[0].Prompt);
        // 7 of the defender's comes first: sides are defender, attacker, evaluation.
        Assert.Contains(defender, e => e.Prompt == "ask 7");
        Assert.DoesNotContain(scenario.Data.AttackerHarmful, e => e.Prompt == "ask 7");
        Assert.Equal(2, scenario.Data.AttackerHarmful.Count(e => e.Prompt == "ask 1"));
        var evaluation = scenario.Data.EvaluationHarmful;
        Assert.Equal("ask 10000", evaluation[0].Prompt);
        Assert.Single(evaluation, e => e.Prompt == "ask 10001");
        Assert.DoesNotContain(evaluation, e => e.Prompt == "ask 5007");
        var report = scenario.DataReports.Single(r => r.Part == "evaluation_harmful");
        Assert.Equal(2, report.LeftOut["asked before, by the part or an earlier side"]);
        Assert.Equal(38, report.Rows);
        Assert.Contains(scenario.Losses, l => l.StartsWith("defender_harmful: 2501 left out: of a domain that the part does not take",
            StringComparison.Ordinal));
    }

    [Fact]
    public void A_part_is_of_a_set_with_a_skip_a_limit_and_domains_of_its_own()
    {
        using var tiny = new TinyScenario();
        tiny.Write("goals.csv", "goal,target\n" + string.Concat(Enumerable.Range(0, 9).Select(i => $"goal {i},take {i}\n")));
        tiny.Files["evaluation_benign"] = "tea.jsonl";
        tiny.Write("tea.jsonl", string.Concat(Enumerable.Range(0, 5).Select(i => $"{{\"question\":\"q{i}\",\"answer\":\"a\"}}\n")));
        tiny.PartSettings["evaluation_benign"] = ", preset: gsm8k, skip: 1, limit: 3";
        // Only fraud is kept, and the set is of weapons.
        tiny.Files["evaluation_harmful"] = "goals.csv";
        tiny.PartSettings["evaluation_harmful"] = ", preset: advbench, domain: weapons, skip: 3, domains: [fraud]";
        Assert.Equal("TITER529", Assert.Throws<ScenarioException>(tiny.Open).Code);
        tiny.Files.Remove("evaluation_harmful");
        tiny.PartSettings.Remove("evaluation_harmful");

        Assert.Equal(["q1", "q2", "q3"], tiny.Open().Data.EvaluationBenign.Select(x => x.Prompt));
    }

    [Theory]
    [InlineData("preset: gsm9k", "TITER571 There is no preset 'gsm9k'. Did you mean 'gsm8k'?")]
    [InlineData("preset: gsm8k, shape: alpaca", "TITER571 data.evaluation_benign has a preset and declares the form")]
    [InlineData("preset: gsm8k, columns: { prompt: x }", "TITER571")]
    public void A_preset_that_is_none_or_half_is_refused_with_its_place(string settings, string expected)
    {
        using var tiny = new TinyScenario();
        tiny.PartSettings["evaluation_benign"] = ", " + settings;
        Assert.Contains(expected, Assert.Throws<ScenarioException>(tiny.Open).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("  preset: beavertails-refusals", "TITER571 'beavertails-refusals' has no 'path'.")]
    [InlineData("  path: x.jsonl", "TITER571 data.path names a file, and no data.preset")]
    [InlineData("  preset: gsm8k\n  path: x.jsonl", "TITER571 'gsm8k' has no rule of how it is split into parts.")]
    public void A_set_for_all_of_the_data_needs_a_file_and_a_rule(string settings, string expected)
    {
        using var tiny = new TinyScenario();
        tiny.DataSettings = settings;
        Assert.Contains(expected, Assert.Throws<ScenarioException>(tiny.Open).Message, StringComparison.Ordinal);
    }

    private static string Row(string prompt, string response, (bool Fraud, bool Drugs, bool Weapons) of, bool isSafe, string refusal) =>
        new JsonObject
    {
        ["prompt"] = prompt, ["response"] = response, ["is_safe"] = isSafe, ["refusal"] = refusal,
        ["category"] = new JsonObject { ["fraud"] = of.Fraud, ["drugs"] = of.Drugs, ["weapons"] = of.Weapons },
    }.ToJsonString();
}
