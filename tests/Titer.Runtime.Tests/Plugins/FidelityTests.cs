using System.Text;
using Titer.Plugins;

namespace Titer.Runtime.Tests.Plugins;

/// <summary><c>fidelity.json</c> is a stranger's file: what is in it is shown or refused, and never keeps a plugin from playing.</summary>
public sealed class FidelityTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly string _plugin;

    public FidelityTests() => _plugin = PluginCompiler.Compile(_folder.Path, "Cited", """
        [assembly: TiterPlugin("cited", 1)]
        public sealed class D : IDefense { public void Immunize(DefenseContext c) { } }
        """);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_card_is_read_with_everything_in_it()
    {
        var verdict = Inspect("""
            { "paper": "arXiv:2405.14577", "same": ["the loss"], "differs": ["the rate"], "reference_check": "by hand",
                "published_strength": "rate 8e-5",
              "made_against": ["full_parameter_finetune"], "published": [{ "what": "harm", "value": "0.12", "source": "table 1" }],
              "here": [{ "what": "harm", "value": "0.2", "source": "a run" }], "evidence": "independent", "verdict": "partly reproduced" }
            """);

        var card = verdict.Plugin!.Manifest.Fidelity!;
        Assert.Equal(("arXiv:2405.14577", "independent", "partly reproduced", "by hand", "rate 8e-5"),
            (card.Paper, card.Evidence, card.Verdict, card.ReferenceCheck, card.PublishedStrength));
        Assert.Equal(["the loss", "the rate", "full_parameter_finetune"], [.. card.Same, .. card.Differs, .. card.MadeAgainst]);
        Assert.Equal([new FidelityFigure("harm", "0.12", "table 1"), new FidelityFigure("harm", "0.2", "a run")], [.. card.Published, .. card.Here]);
        Assert.Empty(verdict.Problems);
    }

    [Fact]
    public void A_plugin_without_a_card_is_as_good_as_any()
    {
        var verdict = new PluginGate().Inspect(_plugin);

        Assert.Null(verdict.Plugin!.Manifest.Fidelity);
        Assert.Empty(verdict.Problems);
    }

    [Theory]
    [InlineData("""{ "evidence": "independent" }""", "'verdict' is none of reproduced, ")]
    [InlineData("""{ "evidence": "hearsay", "verdict": "reproduced" }""", "'evidence' is none of independent, author, none")]
    [InlineData("""{ "evidence": "none", "verdict": "control", "stars": 5 }""", "the file has the key 'stars'")]
    [InlineData("""{ "evidence": "none", "verdict": "control", "same": "all" }""", "'same' is no list")]
    [InlineData("""{ "evidence": "none", "verdict": "control", "same": [1] }""", "a value of 'same' is no text")]
    [InlineData("""{ "evidence": "none", "verdict": "control", "here": [{ "number": "1" }] }""", "an entry of 'here' has the key 'number'")]
    [InlineData("""{ "evidence": "none", "evidence": "none", "verdict": "control" }""", "Duplicate")]
    [InlineData("[[[[[[[[]]]]]]]]", "depth")]
    [InlineData("{ no json", "invalid")]
    [InlineData("7", "the file is no object")]
    public void A_card_that_is_none_is_advice_and_the_plugin_plays(string text, string fact)
    {
        var verdict = Inspect(text);

        Assert.Null(verdict.Plugin!.Manifest.Fidelity);
        var advice = Assert.Single(verdict.Problems);
        Assert.Equal((PluginProblemCode.BadFidelity, ProblemSeverity.Advice), (advice.Code, advice.Severity));
        Assert.Contains(fact, advice.Fact, StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_is_bounded_in_bytes_in_entries_and_in_characters()
    {
        var (entries, letters) = (string.Join(',', Enumerable.Repeat("\"x\"", 41)), new string('x', 1001));
        Assert.Contains("more than 40 entries", Fact($$"""{ "evidence": "none", "verdict": "control", "same": [{{entries}}] }"""),
            StringComparison.Ordinal);
        Assert.Contains("at most 1000 characters", Fact($$"""{ "evidence": "none", "verdict": "control", "paper": "{{letters}}" }"""),
            StringComparison.Ordinal);
        Assert.Contains("more than the 65536", Fact(new string(' ', 70_000)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_card_says_is_visible_text_on_one_line()
    {
        var card = Inspect("""{ "evidence": "none", "verdict": "control", "paper": "a\u001b[2J\nb" }""").Plugin!.Manifest.Fidelity!;

        Assert.Equal("a\\u001b[2J\\nb", card.Paper);
    }

    [Fact]
    public void Every_bundled_plugin_has_a_card()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.Combine(TestRepository.Root, "plugins")).Where(f =>
            Directory.EnumerateFiles(f, "*.csproj").Any()))
        {
            File.Copy(Path.Combine(folder, PluginFidelity.FileName), Path.Combine(_plugin, PluginFidelity.FileName), overwrite: true);
            var verdict = new PluginGate().Inspect(_plugin);
            Assert.True(verdict.Problems.Count == 0, $"{folder}: {string.Join(' ', verdict.Problems)}");
            Assert.NotEmpty(verdict.Plugin!.Manifest.Fidelity!.ReferenceCheck);
        }
    }

    private string Fact(string text) => Assert.Single(Inspect(text).Problems).Fact;

    private PluginVerdict Inspect(string text)
    {
        File.WriteAllText(Path.Combine(_plugin, PluginFidelity.FileName), text, Encoding.UTF8);
        return new PluginGate().Inspect(_plugin);
    }
}
