using Titer.Runtime.Configuration;
using Titer.Scenarios.Yaml;

namespace Titer.Runtime.Tests.Configuration;

public sealed class TournamentFileReaderTests
{
    [Fact]
    public void A_complete_file_is_read_with_positions()
    {
        var file = TournamentFileReader.Parse("t.yaml", """
            name: nightly
            scenario: apothecary
            seeds: [1, 2, 3]
            budget: { attack: { steps: 160 }, defense: { steps: 400, seconds: 120 } }
            defenses: [vaccine, { id: repnoise, set: { alpha: 1.0, beta: 0.001 } }]
            attacks:
              - lora_finetune
              - { id: full_parameter_finetune, sweep: { learning_rate: [1e-4, 3e-4, 1e-3] } }
            """);

        Assert.Equal("nightly", file.Name);
        Assert.Equal([1, 2, 3], file.Seeds!);
        Assert.Equal((160, 400, 120.0), (file.Attack.Steps!.Value, file.Defense.Steps!.Value, file.Defense.Seconds!.Value));
        Assert.Equal("0.001", file.Defenses![1].Set["beta"].Value);
        Assert.Equal(new Positioned<string>("lora_finetune", 7, 5), file.Attacks![0].Id);
        Assert.Equal(["1e-4", "3e-4", "1e-3"], file.Attacks[1].Sweep["learning_rate"].Select(v => v.Value));
    }

    [Theory]
    [InlineData("nmae: x", "t.yaml:1:1: TITER512 Unknown key 'nmae'. Did you mean 'name'?")]
    [InlineData("name: x\nbudget: { attack: { step: 3 } }", "t.yaml:2:21: TITER512 Unknown key 'step'. Did you mean 'steps'?")]
    [InlineData("name: x\nname: y", "t.yaml:2:1: TITER511")]
    [InlineData("seeds: [1, two]", "t.yaml:1:12: TITER513 Expected a whole number, found 'two'.")]
    [InlineData("seeds: [1, 1]", "t.yaml:1:8: TITER605 A seed occurs twice.")]
    [InlineData("attack_seeds: 0", "t.yaml:1:15: TITER514 0 is not between 1 and 1000.")]
    [InlineData("seeds: []", "t.yaml:1:8: TITER605 'seeds' is empty.")]
    [InlineData("seeds: [1, 2", "t.yaml:2:1: TITER511")]
    [InlineData("budget: { attack: { steps: 0 } }", "t.yaml:1:28: TITER514 0 is not between 1 and 10000000.")]
    [InlineData("budget: { defense: { seconds: -5 } }", "t.yaml:1:31: TITER514")]
    [InlineData("defenses: vaccine", "t.yaml:1:11: TITER513 Expected a list")]
    [InlineData("defenses: [{ set: { a: 1 } }]", "t.yaml:1:12: TITER604 The key 'id' is missing.")]
    [InlineData("defenses: [{ id: a, sett: {} }]", "t.yaml:1:21: TITER512 Unknown key 'sett'. Did you mean 'set'?")]
    [InlineData("attacks: [{ id: a, search: { try: 3 } }]", "t.yaml:1:30: TITER512 Unknown key 'try'.")]
    [InlineData("attacks: [{ id: a, search: { tries: 0 } }]", "t.yaml:1:37: TITER514")]
    [InlineData("attacks: [{ id: a, search: { over: { rate: { from: 1e-2, to: 1e-6 } } } }]", "t.yaml:1:44: TITER605 The range does not rise")]
    [InlineData("attacks: [{ id: a, search: { over: { rate: { from: 0, to: 1 } } } }]", "t.yaml:1:44: TITER605 The range does not rise")]
    [InlineData("attacks: [{ id: a, search: { over: { rate: { from: 1 } } } }]", "t.yaml:1:44: TITER605 The range has one end.")]
    [InlineData("attacks: [{ id: a, search: { over: { rate: [] } } }]", "t.yaml:1:44: TITER605 There is nothing to choose from.")]
    [InlineData("name: ../../etc", "t.yaml:1:7: TITER605")]
    [InlineData("- 1", "t.yaml:1:1: TITER513 Expected a mapping")]
    public void A_mistake_names_its_line_and_column(string text, string expected)
    {
        var e = Assert.Throws<YamlProblemException>(() => TournamentFileReader.Parse("t.yaml", text));

        Assert.StartsWith(expected, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var e = Assert.Throws<YamlProblemException>(() => TournamentFileReader.Read("no/such.yaml"));

        Assert.StartsWith("no/such.yaml: TITER601", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Attacks_on_every_defended_model_are_a_number() =>
        Assert.Equal(3, TournamentFileReader.Parse("t.yaml", "attack_seeds: 3").AttackSeeds);

    [Fact]
    public void An_empty_mapping_is_the_embedded_tournament() =>
        Assert.Null(TournamentFileReader.Parse("t.yaml", "{}").Defenses);
}
