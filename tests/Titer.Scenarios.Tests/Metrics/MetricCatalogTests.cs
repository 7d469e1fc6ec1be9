using Titer.Scenarios.Metrics;
using Titer.Sdk;

namespace Titer.Scenarios.Tests.Metrics;

public sealed class MetricCatalogTests
{
    private static readonly Dictionary<string, string> None = [];

    [Fact]
    public void It_lists_nine_metrics_and_makes_every_one_that_needs_text_only()
    {
        Assert.Equal(
            ["answer_match", "coherence", "completion_nll", "multiple_choice", "perplexity", "recipe_match", "refusal_match", "rubric", "well_formed"],
            MetricCatalog.All.Select(m => m.Id).Order());
        foreach (var entry in MetricCatalog.All.Where(m => m.Need == MetricNeed.Text))
            Assert.Single(MetricCatalog.Text(entry.Id, None).Score(new MetricContext(["a"], ["b"], ["c"])));
    }

    [Fact]
    public void Every_default_of_an_option_is_itself_allowed()
    {
        foreach (var entry in MetricCatalog.All.Where(m => m.Need == MetricNeed.Text))
            MetricCatalog.Text(entry.Id, entry.Options.ToDictionary(o => o.Name, o => o.Default));
    }

    [Fact]
    public void Keyword_metrics_are_called_weak()
    {
        var entry = MetricCatalog.Find("refusal_match");

        Assert.Equal(MetricStrength.Weak, entry.Strength);
        Assert.Equal(MetricDirection.MoreHarm, entry.Direction);
        Assert.Contains("Weak", entry.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("refusl_match", null, null, "TITER550", "Did you mean 'refusal_match'?")]
    [InlineData("bleu", null, null, "TITER550", "Use one of: recipe_match")]
    [InlineData("refusal_match", "phrase", "x", "TITER551", "Did you mean 'phrases'?")]
    [InlineData("coherence", "strict", "yes", "TITER551", "Leave its options away.")]
    [InlineData("refusal_match", "within", "-1", "TITER552", "whole number")]
    [InlineData("refusal_match", "within", "near", "TITER552", "whole number")]
    [InlineData("answer_match", "extract", "last_numbr", "TITER552", "Did you mean 'last_number'?")]
    [InlineData("answer_match", "match", "0", "TITER552", "exact, contains or prefix")]
    [InlineData("answer_match", "marker", "", "TITER552", "any text")]
    [InlineData("perplexity", null, null, "TITER553", "the model")]
    [InlineData("rubric", null, null, "TITER553", "a judge service")]
    public void What_it_cannot_make_is_a_coded_refusal_with_a_fix(string id, string? option, string? value, string code, string fix)
    {
        var options = option is null ? None : new Dictionary<string, string> { [option] = value! };

        var message = Assert.Throws<ScenarioException>(() => MetricCatalog.Text(id, options)).Message;

        Assert.StartsWith(code, message, StringComparison.Ordinal);
        Assert.Contains(fix, message, StringComparison.Ordinal);
    }
}
