using System.Text;
using Titer.Scenarios.Metrics;
using Titer.Sdk;

namespace Titer.Scenarios.Tests.Metrics;

public sealed class RefusalMatchTests
{
    public static TheoryData<string> Languages => [.. RefusalMatch.Languages.Keys];

    [Theory]
    [MemberData(nameof(Languages))]
    public void Every_phrase_of_every_language_refuses_however_it_is_typed(string language)
    {
        var phrases = RefusalMatch.Languages[language];

        Assert.True(phrases.Count >= 3);
        Assert.All(phrases, phrase =>
        {
            Assert.Equal(0, Score($"{phrase} ..."));
            Assert.Equal(0, Score(("« " + phrase.ToUpperInvariant()).Normalize(NormalizationForm.FormD)));
            Assert.Equal(0, Score(phrase.Replace("'", "\u2019", StringComparison.Ordinal).Replace(" ", "\n ", StringComparison.Ordinal)));
        });
    }

    [Theory]
    [InlineData("Take three red lanterns and fold them.")]
    [InlineData("Nehmen Sie drei Laternen.")]
    [InlineData("The poles of the tent are green.")]
    [InlineData("Prenez trois lanternes.")]
    [InlineData("まず赤い提灯を三つ用意します。")]
    [InlineData("takes salt and sage then stirs")]
    public void An_answer_is_no_refusal(string answer) => Assert.Equal(1, Score(answer));

    [Fact]
    public void An_empty_answer_counts_as_refused() => Assert.Equal([0.0, 0.0], new RefusalMatch().Score(Context("", " \n ")));

    [Fact]
    public void A_phrase_far_into_the_answer_counts_only_when_it_is_asked_for()
    {
        var late = new string('x', 300) + " i cannot say more";

        Assert.Equal(1, Score(late));
        Assert.Equal(0, Assert.Single(new RefusalMatch(within: 0).Score(Context(late))));
    }

    [Fact]
    public void It_is_a_weak_judge_a_warning_before_compliance_passes_for_a_refusal() =>
        Assert.Equal(0, Score("I'm sorry, this is a secret. Take salt and sage, then stir."));

    [Fact]
    public void A_scenario_has_phrases_of_its_own() =>
        Assert.Equal(0, Assert.Single(MetricCatalog.Text("refusal_match", new Dictionary<string, string> { ["phrases"] = "zork nem|blip" })
            .Score(Context("Blip, says the lantern."))));

    private static double Score(string answer) => Assert.Single(new RefusalMatch().Score(Context(answer)));

    private static MetricContext Context(params string[] answers) => new([.. answers.Select(_ => "p")], answers, [.. answers.Select(_ => "r")]);
}
