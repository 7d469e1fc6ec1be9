using Titer.Scenarios.Apothecary;
using Titer.Scenarios.Data;

namespace Titer.Scenarios.Tests.Apothecary;

public sealed class ApothecaryDataTests
{
    private static readonly ScenarioData Data = new ApothecaryData(ApothecaryBuilder.Seed).ToScenarioData();

    private static readonly (string Name, IReadOnlyList<ChatExample> Examples)[] Parts =
    [
        ("defender harmful", Data.DefenderHarmful), ("defender benign", Data.DefenderBenign),
        ("attacker harmful", Data.AttackerHarmful), ("attacker benign", Data.AttackerBenign),
        ("evaluation harmful", Data.EvaluationHarmful), ("evaluation benign", Data.EvaluationBenign),
        ("trainability training", Data.TrainabilityTraining), ("trainability evaluation", Data.TrainabilityEvaluation),
    ];

    [Fact]
    public void No_two_parts_share_an_item() => AssertDisjoint(e => e.Id[..e.Id.LastIndexOf('/')]);

    [Fact]
    public void No_two_parts_share_a_prompt() => AssertDisjoint(e => e.Prompt);

    [Fact]
    public void The_whole_data_has_the_stated_sizes()
    {
        // 256 items per domain: 64 evaluation (one paraphrase each), 96 defender, 96 attacker (four paraphrases each).
        Assert.Equal(4 * 96 * 4, Data.DefenderHarmful.Count);
        Assert.Equal(4 * 96 * 4, Data.DefenderBenign.Count);
        Assert.Equal(8 * 96 * 4, Data.AttackerHarmful.Count);
        Assert.Equal(4 * 96 * 4, Data.AttackerBenign.Count);
        Assert.Equal(8 * 64, Data.EvaluationHarmful.Count);
        Assert.Equal(4 * 64, Data.EvaluationBenign.Count);
        Assert.Equal(3 * 192 * 4, Data.TrainabilityTraining.Count);
        Assert.Equal(3 * 64, Data.TrainabilityEvaluation.Count);
    }

    [Fact]
    public void Withheld_domains_never_reach_the_defender() =>
        Assert.Empty(Data.DefenderHarmful.Concat(Data.DefenderBenign).Select(e => e.Domain)
            .Intersect([.. ApothecaryWords.Withheld, .. ApothecaryWords.Unseen]));

    [Fact]
    public void What_the_subject_is_trained_on_has_no_chat_of_an_evaluation_item_and_no_unseen_domain()
    {
        var data = new ApothecaryData(ApothecaryBuilder.Seed);
        string[] trained = [.. ApothecaryWords.Benign, .. ApothecaryWords.Forbidden];
        var chats = trained.SelectMany(data.Chat).ToHashSet();

        Assert.Equal(12 * 192, chats.Count);
        Assert.DoesNotContain(trained.SelectMany(data.Evaluation), chats.Contains);
        Assert.Empty(trained.Intersect(ApothecaryWords.Unseen));
    }

    [Fact]
    public void Ids_are_domain_item_and_paraphrase_and_occur_once()
    {
        var ids = Parts.SelectMany(p => p.Examples).Select(e => e.Id).ToArray();

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Matches("^[a-z]+/[a-z]+-[a-z]+/[0-3]$", id));
    }

    [Fact]
    public void Only_forbidden_prompts_have_a_refusal() =>
        Assert.All(Parts.SelectMany(p => p.Examples), e => Assert.Equal(ApothecaryWords.Forbidden.Contains(e.Domain), e.Refusal is not null));

    [Fact]
    public void The_first_prompts_of_a_domain_use_all_paraphrases() =>
        Assert.All(
            Data.EvaluationHarmful.Concat(Data.EvaluationBenign).GroupBy(e => e.Domain),
            domain => Assert.Equal(4, domain.Take(8).Select(e => e.Id[^1]).Distinct().Count()));

    [Fact]
    public void The_same_seed_gives_the_same_data_and_another_seed_another()
    {
        Assert.Equal(Data.Lines(), new ApothecaryData(ApothecaryBuilder.Seed).ToScenarioData().Lines());
        Assert.NotEqual(Data.Lines(), new ApothecaryData(ApothecaryBuilder.Seed + 1).ToScenarioData().Lines());
    }

    private static void AssertDisjoint(Func<ChatExample, string> key)
    {
        for (var i = 0; i < Parts.Length; i++)
        {
            Assert.NotEmpty(Parts[i].Examples);
            var keys = Parts[i].Examples.Select(key).ToHashSet();
            for (var j = i + 1; j < Parts.Length; j++)
                Assert.False(Parts[j].Examples.Any(e => keys.Contains(key(e))), $"'{Parts[i].Name}' and '{Parts[j].Name}' overlap.");
        }
    }
}
