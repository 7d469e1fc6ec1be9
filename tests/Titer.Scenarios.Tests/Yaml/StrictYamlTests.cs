using Titer.Scenarios.Yaml;
using Titer.Sdk;

namespace Titer.Scenarios.Tests.Yaml;

public sealed class StrictYamlTests
{
    [Theory]
    [InlineData("name: a\nbugdet: 3\n", 2, 1, "TITER512", "Unknown key 'bugdet'. Did you mean 'budget'?")]
    [InlineData("name: a\nzzzzzzzz: 3\n", 2, 1, "TITER512", "Unknown key 'zzzzzzzz'. Known keys: name, budget, seeds.")]
    [InlineData("name: a\nname: b\n", 2, 1, "TITER511", "Duplicate key")]
    [InlineData("name: a\nbudget: ten\n", 2, 9, "TITER513", "Expected a whole number, found 'ten'.")]
    [InlineData("name: a\nbudget: \"10\"\n", 2, 9, "TITER513", "Expected a whole number, found '10'.")]
    [InlineData("name: a\nbudget: 1.5\n", 2, 9, "TITER513", "Expected a whole number, found '1.5'.")]
    [InlineData("budget: 101\n", 1, 9, "TITER514", "101 is not between 1 and 100.")]
    [InlineData("budget: [1]\n", 1, 9, "TITER513", "found a list.")]
    [InlineData("name: { a: 1 }\n", 1, 7, "TITER513", "Expected a text, found a mapping.")]
    [InlineData("name:\nbudget: 1\n", 1, 6, "TITER513", "found nothing.")]
    [InlineData("seeds: 1\n", 1, 8, "TITER513", "Expected a list")]
    [InlineData("seeds: [1, two]\n", 1, 12, "TITER513", "found 'two'.")]
    [InlineData("- a\n", 1, 1, "TITER513", "Expected a mapping with the keys name, budget, seeds, found a list.")]
    [InlineData("", 1, 1, "TITER511", "The file is empty.")]
    [InlineData("name: a\n---\nname: b\n", 3, 1, "TITER511", "second document")]
    public void Every_slip_is_one_line_with_its_place_and_code(string text, int line, int column, string code, string fact)
    {
        var problem = Assert.Throws<YamlProblemException>(() => ReadAll(text)).Problem;

        Assert.Equal(("a.yaml", line, column), (problem.File, problem.Line, problem.Column));
        Assert.StartsWith(code + " ", problem.Message, StringComparison.Ordinal);
        Assert.Contains(fact, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem.ToString());
        Assert.StartsWith($"a.yaml:{line}:{column}: {code} ", problem.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name: a\nseeds: [1, 2\nbudget: 3\n")]
    [InlineData("name: \"a\n")]
    [InlineData("name: a\n\tbudget: 3\n")]
    [InlineData("name: *nowhere\n")]
    public void Broken_syntax_names_a_place_and_a_reason(string text)
    {
        var problem = Assert.Throws<YamlProblemException>(() => ReadAll(text)).Problem;

        Assert.InRange(problem.Line, 1, 4);
        Assert.True(problem.Column >= 1);
        Assert.StartsWith("TITER511 Not valid YAML: ", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception during deserialization", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem.Message);
    }

    [Fact]
    public void A_list_that_is_not_closed_is_refused_on_its_line()
    {
        var problem = Assert.Throws<YamlProblemException>(() => ReadAll("name: a\nseeds: [1, 2\nbudget: 3\n")).Problem;

        Assert.Equal(2, problem.Line);
        Assert.Contains("not closed", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_damage_to_a_file_escapes_as_another_exception()
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "scenarios", "apothecary", "scenario.yaml"));
        using var random = new SeededRandom(7);
        const string marks = "[]{}:,-\"'\t\n&*!|>%@`#? ";
        var refused = 0;
        for (var i = 0; i < 3000; i++)
        {
            var damaged = i % 3 == 0
                ? text[..random.Next(text.Length)]
                : text.Insert(random.Next(text.Length), string.Concat(Enumerable.Range(0, 1 + i % 3).Select(_ => marks[random.Next(marks.Length)])));
            try
            {
                StrictYaml.Parse("a.yaml", damaged).Map();
            }
            catch (YamlProblemException e)
            {
                refused++;
                Assert.True(e.Problem.Line >= 1 && e.Problem.Column >= 1, e.Message);
            }
        }

        Assert.InRange(refused, 300, 3000);
    }

    [Fact]
    public void A_missing_file_is_named_without_a_place()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "no-such-file.yaml");

        var problem = Assert.Throws<YamlProblemException>(() => StrictYaml.Read(path)).Problem;

        Assert.Equal($"{path}: TITER510 There is no such file. Check the path.", problem.ToString());
    }

    [Theory]
    [InlineData("x: .nan")]
    [InlineData("x: NaN")]
    [InlineData("x: Infinity")]
    [InlineData("x: 1e999")]
    public void A_number_is_finite(string text) =>
        Assert.Throws<YamlProblemException>(() => StrictYaml.Parse("a.yaml", text).Map("x")["x"].Number(0, 1e308));

    [Fact]
    public void Good_input_is_read_with_places_and_in_order()
    {
        var root = StrictYaml.Parse("a.yaml", "b: 1e-4\na: [x, { c: 7 }]\n");

        var entries = root.Map("a", "b");

        Assert.Equal(["b", "a"], entries.Keys);
        Assert.Equal(1e-4, entries["b"].Number(0, 1));
        Assert.Equal((2, 4), (entries["a"].Line, entries["a"].Column));
        var items = entries["a"].List();
        Assert.Equal("x", items[0].Text());
        Assert.True(items[1].IsMapping);
        Assert.Equal(7, items[1].Map("c")["c"].Whole(0, 10));
    }

    private static void ReadAll(string text)
    {
        foreach (var (key, value) in StrictYaml.Parse("a.yaml", text).Map("name", "budget", "seeds"))
        {
            if (key == "name") value.Text();
            else if (key == "budget") value.Whole(1, 100);
            else
                foreach (var seed in value.List()) seed.Whole(0, 10);
        }
    }
}
