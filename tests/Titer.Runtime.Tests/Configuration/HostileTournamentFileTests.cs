using System.Text;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Tests.Plugins;
using Titer.Scenarios.Yaml;

namespace Titer.Runtime.Tests.Configuration;

/// <summary>Small files that would take a process down or fill its memory are refused like any other mistake.</summary>
public sealed class HostileTournamentFileTests
{
    [Theory]
    [InlineData("[", "]")]
    [InlineData("{ a: ", " }")]
    public void A_file_of_brackets_is_refused_and_nothing_overflows(string open, string close) =>
        Refused($"name: d\ndefenses: {Repeated(open, 100_000)}{Repeated(close, 100_000)}\n", "TITER511", "nested more than 64 deep");

    [Fact]
    public void Nesting_by_indents_and_dashes_counts_too() =>
        Refused($"defenses:\n{Repeated("- ", 100)}a\n", "TITER511", "nested more than 64 deep");

    [Theory]
    [InlineData("defenses: &a [*a]\n")]
    [InlineData("defenses: &a [{ id: x, set: { layers: *a } }]\n")]
    public void A_value_that_holds_itself_is_refused(string text) => Refused(text, "TITER511", "stands inside of what it repeats");

    [Fact]
    public void Aliases_of_aliases_do_not_grow_beyond_measure()
    {
        var text = new StringBuilder("name: d\nx0: &x0 [a, a, a, a, a, a, a, a, a, a]\n");
        for (var i = 1; i < 10; i++) text.Append(System.Globalization.CultureInfo.InvariantCulture,
            $"x{i}: &x{i} [{string.Join(", ", Enumerable.Repeat($"*x{i - 1}", 10))}]\n");
        Refused(text.ToString(), "TITER511", "aliases counted as what they repeat");
    }

    [Fact]
    public void A_plain_alias_is_still_read() =>
        Assert.Equal("0.5",
            TournamentFileReader.Parse("t.yaml", "attacks: [{ id: a, set: &s { rate: 0.5 } }, { id: b, set: *s }]").Attacks![1].Set["rate"].Value);

    [Fact]
    public void Millions_of_seeds_are_refused() =>
        Refused($"seeds: [{string.Join(',', Enumerable.Range(0, 2_000_000))}]", "TITER511", "more than 200000 values");

    [Fact]
    public void Thousands_of_seeds_too_many_are_refused_by_their_number() =>
        Refused($"seeds: [{string.Join(',', Enumerable.Range(0, 10_001))}]", "TITER605", "has 10001 numbers");

    [Fact]
    public void Quoted_items_of_a_list_option_stay_whole()
    {
        var set = TournamentFileReader.Parse("t.yaml",
            "defenses: [{ id: d, set: { layers: [\"a,b\", \"c\", \" d\", \"\"] } }]").Defenses![0].Set["layers"].Value;
        Assert.Equal(["a,b", "c", " d", ""], TextListSyntax.Split(set));
    }

    [Theory]
    [InlineData("[null]")]
    [InlineData("[{ \"id\": null, \"content_hash\": \"\", \"reason\": \"\", \"since_utc\": \"2026-01-01T00:00:00Z\" }]")]
    [InlineData("[{}]")]
    public void A_quarantine_list_with_holes_is_damaged_not_a_fault_of_the_host(string json)
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "quarantine.json");
        File.WriteAllText(file, json);
        Assert.StartsWith("TITER221", Assert.Throws<InvalidDataException>(() => new Quarantine(file).Entries()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("good_defens", "Did you mean 'good_defense'?")]
    [InlineData("zzz", "Enter: no_defense, good_defense, no_weight_modification.")]
    public void A_slip_in_only_is_refused_with_what_was_meant(string only, string words)
    {
        var resolver = new TournamentResolver(new TournamentFile(), PluginCatalog.Scan([FixtureFolder.Of("GoodDefense"), .. Baselines()]),
            Quarantine.Empty, "test");
        var e = Assert.Throws<ConfigurationException>(() => resolver.Resolve(new RunOverrides { Only = [only] }));
        Assert.StartsWith($"TITER609 --only names '{only}'", e.Message, StringComparison.Ordinal);
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
    }

    private static string[] Baselines()
    {
        var plugins = Path.Combine(TestRepository.Root, "artifacts", "plugins", Path.GetFileName(FixtureFolder.Root));
        return [Path.Combine(plugins, "Titer.Defenses.NoDefense"), Path.Combine(plugins, "Titer.Attacks.NoWeightModification")];
    }

    private static void Refused(string text, string code, string fact)
    {
        var problem = Assert.Throws<YamlProblemException>(() => TournamentFileReader.Parse("t.yaml", text)).Problem;
        Assert.StartsWith(code + " ", problem.Message, StringComparison.Ordinal);
        Assert.Contains(fact, problem.Message, StringComparison.Ordinal);
        Assert.True(problem.Line > 0);
    }

    private static string Repeated(string text, int times) => new StringBuilder(text.Length * times).Insert(0, text, times).ToString();
}
