namespace Titer.Tournament.Tests;

/// <summary>The report shows what authors say of their plugins, beside what was measured.</summary>
public sealed class ReportCardsTests
{
    private static readonly EntrantCard Card = new()
    {
        Paper = "arXiv:2405.14577",
        Differs = ["a smaller rate"],
        PublishedStrength = "rate 8e-5, 10,000 samples",
        MadeAgainst = ["full_parameter_finetune"],
        Published = [new CardFigure("harm", "0.12", "table 1")],
        Evidence = "independent",
        Verdict = "partly reproduced",
    };

    [Fact]
    public void A_card_stands_beside_the_strength_that_breaks_the_defense_here()
    {
        var page = Page(Card);

        Assert.Contains("### weak\n\n- **partly reproduced**; evidence: independent; arXiv:2405.14577.\n- Differs: a smaller rate\n", page,
            StringComparison.Ordinal);
        Assert.Contains("- Published strength: rate 8e-5, 10,000 samples\n"
            + "- Made against: full_parameter_finetune\n- Published: harm: 0.12 (table 1)\n", page, StringComparison.Ordinal);
        Assert.Matches(@"- Breaks in this tournament: \S+ \(InDomain\) after \S+ steps", page);
    }

    [Fact]
    public void A_plugin_without_a_card_says_so() =>
        Assert.Contains("### weak\n\n- Says nothing of its paper.\n", Page(null), StringComparison.Ordinal);

    [Fact]
    public void Both_attacks_of_a_composition_have_their_card_and_their_build_in_the_report()
    {
        var two = Some.Attack("finetune") with
        {
            Id = "finetune -> prune",
            Label = "finetune -> prune",
            Then = Some.Attack("prune") with { ContentHash = "0123456789abcdef", Options = Some.Options("sparsity", "0.5"), Card = Card },
        };
        var spec = Some.Spec("weak");
        var page = ReportPage.Write(Some.Play(spec with { Attacks = [spec.Attacks[0], two] },
            p => Some.Standard(p, new Dictionary<string, Dictionary<int, double>>())));

        Assert.Contains("### prune\n\n- **partly reproduced**", page, StringComparison.Ordinal);
        Assert.Contains("- finetune -> prune: hash-of-fine; then 0123456789ab, sparsity=0.5\n", page, StringComparison.Ordinal);
    }

    private static string Page(EntrantCard? card)
    {
        var spec = Some.Spec("weak");
        spec = spec with { Defenses = [.. spec.Defenses.Select(d => d.Id == "weak" ? d with { Card = card } : d)] };
        return ReportPage.Write(Some.Play(spec, p => Some.Standard(p, new Dictionary<string, Dictionary<int, double>>())));
    }
}
