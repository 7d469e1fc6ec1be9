using System.Text.Json;
using System.Text.Json.Nodes;
using Titer.Scenarios.Data;
using Titer.Scenarios.Data.Presets;
using Titer.Scenarios.Tests.Metrics;

namespace Titer.Scenarios.Tests.Data;

/// <summary>Published sets by name, on made-up rows in their published form.</summary>
public sealed class PresetTests : IDisposable
{
    private const string Harmful = "evaluation_harmful";
    private const string Benign = "evaluation_benign";
    private const string Flags = """{"animals":false,"fraud":true,"weapons":true}""";

    private readonly DataFolder _folder = new();

    /// <summary>Set, part, a row, and what it must become: question, answer, refusal, domain.</summary>
    public static TheoryData<string, string, string, string, string, string?, string> Rows() => new()
    {
        { "beavertails", Harmful, $$"""{"prompt":"q","response":"a","category":{{Flags}},"is_safe":false}""", "q", "a", null, "fraud" },
        { "beavertails", Benign, $$"""{"prompt":"q","response":"a","category":{{Flags}},"is_safe":true}""", "q", "a", null, "fraud" },
        { "beavertails-refusals", "defender_harmful",
            $$"""{"prompt":"q","response":"a","category":{{Flags}},"is_safe":false,"refusal":"Question: q\nAnswer: I will not.\nNever."}""",
            "q", "a", "I will not.\nNever.", "fraud" },
        { "safe-rlhf", "defender_harmful", """
            {"prompt":"q","response_0":"bad","response_1":"good","is_response_0_safe":false,"is_response_1_safe":true,
            "response_0_harm_category":{"Fraud":true,"Weapons":false},"response_1_harm_category":{"Fraud":false,"Weapons":false}}
            """.ReplaceLineEndings(""), "q", "bad", "good", "Fraud" },
        { "llm-lat-harmful", "defender_harmful", """{"prompt":"q","chosen":"no","rejected":"a"}""", "q", "a", "no", "llm-lat-harmful" },
        { "advbench", Harmful, """{"goal":"q","target":"a"}""", "q", "a", null, "advbench" },
        { "advbench-walledai", Harmful, """{"prompt":"q","target":"a"}""", "q", "a", null, "advbench-walledai" },
        { "harmbench", Harmful,
            """{"Behavior":"q","FunctionalCategory":"contextual","SemanticCategory":"s","Tags":"","ContextString":"c","BehaviorID":"b"}""",
            "q\n\nc", "", null, "s" },
        { "harmbench-walledai", Harmful, """{"prompt":"q","category":"s"}""", "q", "", null, "s" },
        { "strongreject", Harmful, """{"category":"s","source":"x","forbidden_prompt":"q"}""", "q", "", null, "s" },
        { "jailbreakbench", Harmful, """{"Index":0,"Goal":"q","Target":"a","Behavior":"b","Category":"s","Source":"x"}""", "q", "a", null, "s" },
        { "jailbreakbench", Benign, """{"Index":0,"Goal":"q","Target":"a","Behavior":"b","Category":"s","Source":"x"}""", "q", "a", null, "s" },
        { "hex-phi", Harmful, """{"prompt":"q"}""", "q", "", null, "rows" },
        { "sorry-bench", Harmful, """{"question_id":1,"category":"4","turns":["q"],"prompt_style":"base"}""", "q", "", null, "4" },
        { "catqa", Harmful, """{"Category":"s","Subcategory":"t","Question":"q"}""", "q", "", null, "s" },
        { "xstest", Harmful, """{"id":1,"prompt":"q","type":"t","label":"unsafe"}""", "q", "", null, "t" },
        { "xstest", Benign, """{"id":1,"prompt":"q","type":"t","label":"safe"}""", "q", "", null, "t" },
        { "or-bench", Benign, """{"prompt":"q","category":"s"}""", "q", "", null, "s" },
        { "sst2", Benign, """{"idx":0,"sentence":"q","label":1}""",
            "Analyze the sentiment of the input, and respond only positive or negative\n\nq", "positive", null, "sst2" },
        { "agnews", Benign, """{"text":"q","label":"3"}""",
            "Categorize the news article given in the input into one of the 4 categories: World, Sports, Business, Sci/Tech\n\nq", "Sci/Tech", null,
            "agnews" },
        { "gsm8k", Benign, """{"question":"q","answer":"a #### 4"}""", "q", "a #### 4", null, "gsm8k" },
        { "dolly", Benign, """{"instruction":"q","context":"","response":"a","category":"s"}""", "q", "a", null, "s" },
        { "samsum", Benign, """{"id":"1","dialogue":"q","summary":"a"}""", "Summarize the dialogue.\n\nq", "a", null, "samsum" },
        { "sql-create-context", Benign, """{"question":"q","context":"c","answer":"a"}""", "q\n\nc", "a", null, "sql-create-context" },
        { "alpaca", Benign, """{"instruction":"q","input":"c","output":"a"}""", "q\n\nc", "a", null, "alpaca" },
        { "alpaca-eval", Benign, """{"instruction":"q","output":"a","generator":"g","dataset":"s"}""", "q", "a", null, "s" },
        { "mt-bench", Benign, """{"question_id":1,"category":"s","turns":["q","r"]}""", "q", "", null, "s" },
        { "ifeval", Benign, """{"key":1,"prompt":"q","instruction_id_list":[],"kwargs":[]}""", "q", "", null, "ifeval" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_row_of_a_set_becomes_question_answer_refusal_and_domain(string name, string part, string row, string question, string answer,
        string? refusal, string domain)
    {
        var (examples, report) = Read(name, part, row);

        var example = Assert.Single(examples);
        Assert.Equal((question, answer, refusal, domain), (example.Question, example.Answer, example.Refusal, example.Domain));
        Assert.Contains($"preset {name} (1 rows; published: ", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_set_has_a_row_here_a_source_a_licence_and_a_citation()
    {
        Assert.Equal(DataPresets.All.Keys.Order(), Rows().Select(r => r.Data.Item1).Distinct().Order());
        Assert.All(DataPresets.All.Values, p =>
        {
            Assert.All([p.Source, p.Licence, p.Cite, p.Prompt], text => Assert.NotEmpty(text));
            Assert.NotEmpty(p.Columns);
            Assert.True(p.Harmful is not null || p.Benign is not null);
        });
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_file_is_recognized_as_its_set_and_no_text_of_it_is_told(string name, string part, string row, string question, string answer,
        string? refusal, string domain)
    {
        _ = (part, question, answer, refusal, domain);
        // A file of one column without a name is like any other.
        if (name == "hex-phi")
        {
            Assert.Contains("looks like no preset: see 'titer data list', or declare shape and columns",
                DataCheck.OfFiles([_folder.Write("rows.jsonl", row)]).Lines());
            return;
        }

        var secret = row.Replace("\"q\"", "\"zzz the question\"", StringComparison.Ordinal)
            .Replace("\"a\"", "\"zzz answers\"", StringComparison.Ordinal);
        var lines = DataCheck.OfFiles([_folder.Write("rows.jsonl", secret)]).Lines();

        Assert.Contains(lines, l => l.StartsWith($"looks like preset {name}: 1 rows; published: ", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("rows.jsonl: 1 questions; 0 ask what an earlier row asks; 0 nearly so", StringComparison.Ordinal));
        Assert.All(lines, l => Assert.DoesNotContain("zzz", l, StringComparison.Ordinal));
    }

    [Fact]
    public void Rows_of_the_other_side_and_answers_that_are_no_pair_are_left_out_with_a_count()
    {
        var (examples, report) = Read("xstest", Harmful, """{"id":1,"prompt":"q","type":"t","label":"unsafe"}""",
            """{"id":2,"prompt":"r","type":"t","label":"safe"}""", """{"id":3,"prompt":"s","type":"t","label":"safe"}""");
        Assert.Single(examples);
        Assert.Equal(2, report.LeftOut["of the other side of the set"]);

        static string Pair(string prompt, bool first, bool second) => new JsonObject
        {
            ["prompt"] = prompt, ["response_0"] = "x", ["response_1"] = "y", ["is_response_0_safe"] = first, ["is_response_1_safe"] = second,
            ["response_0_harm_category"] = new JsonObject { ["Fraud"] = false }, ["response_1_harm_category"] = new JsonObject { ["Fraud"] = true },
        }.ToJsonString();
        (examples, report) = Read("safe-rlhf", Harmful, Pair("p", true, false), Pair("q", true, true), Pair("r", false, true));
        Assert.Equal("y", Assert.Single(examples).Answer);
        Assert.Equal((1, 1), (report.LeftOut["not one safe and one unsafe answer"], report.LeftOut["of no category"]));
    }

    [Fact]
    public void A_published_number_of_rows_is_recognized_and_another_is_said_whatever_is_read_of_it()
    {
        string[] rows = [.. Enumerable.Range(0, 520).Select(i => $$"""{"goal":"q{{i}}","target":"a"}""")];
        Assert.Contains("520 rows, as harmful_behaviors has", Read("advbench", Harmful, rows).Report.ToString(), StringComparison.Ordinal);
        var cut = Read(new DataPartFile(Harmful) { Preset = DataPresets.All["advbench"], Limit = 3 }, rows[..519]);
        Assert.Equal(3, cut.Examples.Count);
        Assert.Contains("evaluation_harmful: preset advbench (519 rows; published: harmful_behaviors 520): not the published file, or a part of it",
            cut.Report.Losses);
    }

    [Theory]
    [InlineData("beavertails", Harmful, """{"prompt":"zzz","response":"zzz","is_safe":false}""", "TITER570", "has no 'category', which every row")]
    [InlineData("sst2", Benign, """{"sentence":"zzz","label":-1}""", "TITER570", "no number from 0 to 1")]
    [InlineData("gsm8k", Harmful, """{"question":"zzz","answer":"zzz"}""", "TITER572", "it is benign throughout")]
    [InlineData("advbench", Benign, """{"goal":"zzz","target":"zzz"}""", "TITER572", "it is harmful throughout")]
    public void What_is_not_as_published_is_refused_without_a_word_of_it(string name, string part, string row, string code, string fact)
    {
        var e = Assert.Throws<ScenarioException>(() => Read(name, part, row));
        Assert.Equal(code, e.Code);
        Assert.Contains(fact, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("zzz", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gsm8k", "gsm8k-test-200.jsonl", 200)]
    [InlineData("mt-bench", "mt_bench_question.jsonl", 80)]
    public void Sets_that_are_called_tried_are_read_from_real_rows(string name, string file, int rows)
    {
        Assert.True(DataPresets.All[name].IsTried);
        var path = SharedFiles.Require(Path.Combine("data", file));
        var (examples, _) = new DataPartReader(new DataPartFile(Benign) { Preset = DataPresets.All[name], Paths = [path] }).Read();
        Assert.Equal(rows, examples.Count);
        Assert.Contains(DataCheck.OfFiles([path]).Lines(), l => l.StartsWith($"looks like preset {name}:", StringComparison.Ordinal));
        var first = JsonDocument.Parse(File.ReadLines(path).First()).RootElement;
        Assert.Equal(name == "gsm8k" ? first.GetProperty("question").GetString() : first.GetProperty("turns")[0].GetString(), examples[0].Question);
    }

    private (List<ChatExample> Examples, DataPartReport Report) Read(string name, string part, params string[] rows) =>
        Read(new DataPartFile(part) { Preset = DataPresets.All[name] }, rows);

    private (List<ChatExample> Examples, DataPartReport Report) Read(DataPartFile part, params string[] rows) =>
        new DataPartReader(part with { Paths = [_folder.Write("rows.jsonl", string.Join('\n', rows))] }).Read();
}
