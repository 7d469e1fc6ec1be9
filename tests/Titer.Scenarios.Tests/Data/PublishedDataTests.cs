using Titer.Scenarios.Data;

namespace Titer.Scenarios.Tests.Data;

/// <summary>Data as it is published is read, and no message repeats a row of it.</summary>
public sealed class PublishedDataTests
{
    private const string Secret = "zzz";

    [Theory]
    [InlineData("Malware/Hacking")]
    [InlineData("discrimination,stereotype,injustice")]
    [InlineData("Suicide, Self-Harm, and Eating Disorders")]
    [InlineData("Hate & \"Speech\" (S10)")]
    [InlineData("7")]
    public void Categories_have_the_names_that_benchmarks_have(string category)
    {
        using var tiny = new TinyScenario();
        foreach (var part in (string[])["defender_harmful", "attacker_harmful", "evaluation_harmful"])
            tiny.Parts[part] = [.. tiny.Parts[part].Select(
                row => row.Replace("\"domain\":\"fraud\"", $"\"domain\":{System.Text.Json.JsonSerializer.Serialize(category)}",
                    StringComparison.Ordinal))];
        tiny.Domains = $"known: [{System.Text.Json.JsonSerializer.Serialize(category)}], withheld: [weapons]";

        var scenario = tiny.Open();

        Assert.Equal([category, "weapons"], scenario.Domains.All);
        Assert.Equal($"{category}/evaluation_harmful/1", scenario.Data.EvaluationHarmful[0].Id);
    }

    [Theory]
    [InlineData("3", "3")]
    [InlineData("true", "true")]
    [InlineData("""["weapons","fraud"]""", "weapons")]
    [InlineData("""{"drugs":false,"weapons":true,"fraud":true}""", "weapons")]
    public void A_category_may_be_a_number_a_flag_a_list_or_a_mapping_of_flags(string value, string domain)
    {
        using var tiny = new TinyScenario();
        tiny.Parts["attacker_benign"] = [$$"""{"prompt":"a","response":"b","kind":{{value}}}""",
            $$"""{"prompt":"c","response":"d","kind":{{value}}}"""];
        tiny.PartSettings["attacker_benign"] = ", domain: kind";

        Assert.Equal([domain, domain], tiny.Open().Data.AttackerBenign.Select(e => e.Domain));
    }

    [Fact]
    public void A_filter_keeps_the_rows_that_are_asked_for_and_counts_the_others()
    {
        using var tiny = new TinyScenario();
        tiny.Parts["attacker_benign"] =
            [.. Enumerable.Range(0, 6)
                .Select(i =>
                    $$"""{"prompt":"p{{i}}","response":"r","domain":"tea","is_safe":{{(i % 2 == 0 ? "true" : "false")}},"level":{{i % 3}}}""")];
        tiny.PartSettings["attacker_benign"] = ", where: { is_safe: false, level: [1, 2] }";

        var scenario = tiny.Open();

        Assert.Equal(["p1", "p5"], scenario.Data.AttackerBenign.Select(e => e.Prompt));
        Assert.Contains(scenario.DataReports,
            report => report.ToString() == "attacker_benign: 2 rows, shape prompt-response (recognized) (tea 2); 4 left out: not what 'where' "
                + "asks for");
        Assert.Equal("tea/attacker_benign/6", scenario.Data.AttackerBenign[1].Id);

        // As pandas writes flags; a limit counts the rows that are wanted.
        tiny.Write("flags.csv", "prompt,response,domain,is_safe\na,b,tea,True\nc,d,tea,False\ne,f,tea,False\n");
        tiny.Files["attacker_benign"] = "flags.csv";
        tiny.PartSettings["attacker_benign"] = ", where: { is_safe: false }, limit: 1";
        Assert.Equal(["c"], tiny.Open().Data.AttackerBenign.Select(e => e.Prompt));

        tiny.PartSettings["attacker_benign"] = ", where: { is_safe: maybe }";
        Assert.Contains("TITER529", Assert.Throws<ScenarioException>(tiny.Open).Message, StringComparison.Ordinal);
        tiny.PartSettings["attacker_benign"] = ", where: { safe: false }";
        Assert.Contains("no field 'safe', which 'where' asks about", Assert.Throws<ScenarioException>(tiny.Open).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[one.jsonl, two.jsonl]")]
    [InlineData("[two.jsonl, one.jsonl]")]
    [InlineData("\"part-*.jsonl.zst\"")]
    [InlineData("\"*.ndjson\"")]
    public void A_part_may_lie_in_several_files(string files)
    {
        using var tiny = new TinyScenario();
        foreach (var (name, i) in (ReadOnlySpan<(string, int)>)[("one.jsonl", 0), ("two.jsonl", 1), ("part-00000-of-00002.jsonl.zst", 0),
            ("part-00001-of-00002.jsonl.zst", 1), ("x.ndjson", 0), ("y.ndjson", 1)])
            tiny.Write(name, TinyScenario.Row($"a{i}", "b", "tea") + "\n" + TinyScenario.Row($"c{i}", "d", "tea"));
        tiny.Files["attacker_benign"] = files;

        var examples = tiny.Open().Data.AttackerBenign;

        Assert.Equal(["a0", "a1", "c0", "c1"], examples.Select(e => e.Prompt).Order());
        Assert.Equal(["tea/attacker_benign/1", "tea/attacker_benign/2", "tea/attacker_benign/3", "tea/attacker_benign/4"],
            examples.Select(e => e.Id));
    }

    [Theory]
    [InlineData("[]", "TITER535", "empty")]
    [InlineData("\"none-*.jsonl\"", "TITER524", "No file is like none-*.jsonl")]
    [InlineData("\"*/a.jsonl\"", "TITER535", "not in its folder")]
    public void Files_that_are_not_there_are_refused(string files, string code, string fact)
    {
        using var tiny = new TinyScenario();
        tiny.Files["attacker_benign"] = files;

        var message = Assert.Throws<ScenarioException>(tiny.Open).Message;
        Assert.Contains(code, message, StringComparison.Ordinal);
        Assert.Contains(fact, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_with_tools_are_left_out_with_a_count_or_their_roles_are_mapped()
    {
        using var tiny = new TinyScenario();
        tiny.Parts["attacker_benign"] =
        [
            """{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"domain":"tea"}""",
            """{"messages":[{"role":"user","content":"c"},{"role":"function_call","content":"f()"},{"role":"observation","content":"d"},{"role":"assistant","content":"e"}],"domain":"tea"}""",
            """{"messages":[{"role":"user","content":"g"},{"role":"assistant","content":null,"tool_calls":[{"name":"f"}]},{"role":"tool","content":"x"},{"role":"assistant","content":"h"}],"domain":"tea"}""",
        ];

        var scenario = tiny.Open();
        Assert.Equal(["a"], scenario.Data.AttackerBenign.Select(e => e.Prompt));
        Assert.Contains(scenario.DataReports,
            report => report.ToString().EndsWith("; 2 left out: tools take part in the conversation", StringComparison.Ordinal));

        tiny.PartSettings["attacker_benign"] = ", roles: { function_call: assistant, observation: user }";
        Assert.Equal(["a", "d"], tiny.Open().Data.AttackerBenign.Select(e => e.Prompt));

        tiny.Parts["attacker_benign"][1] = """{"messages":[{"role":"narrator","content":"c"}],"domain":"tea"}""";
        Assert.Contains("map others under 'roles'", Assert.Throws<ScenarioException>(tiny.Open).Message, StringComparison.Ordinal);
        tiny.PartSettings["attacker_benign"] = ", roles: { narrator: leave_out }";
        Assert.Equal(["a"], tiny.Open().Data.AttackerBenign.Select(e => e.Prompt));
        tiny.PartSettings["attacker_benign"] = ", roles: { narrator: chorus }";
        Assert.Contains("Known: system, user, assistant, leave_out", Assert.Throws<ScenarioException>(tiny.Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Earlier_turns_are_read_and_counted()
    {
        using var tiny = new TinyScenario();
        tiny.Parts["attacker_benign"] =
            ["""{"instruction":"and warm?","input":"","output":"stir","history":[["how is tea made?","with water"]],"domain":"tea"}""",
                """{"instruction":"x","output":"y","domain":"tea"}"""];

        var scenario = tiny.Open();

        Assert.Equal([new ChatMessage(ChatRole.User, "how is tea made?"), new ChatMessage(ChatRole.Assistant, "with water")],
            scenario.Data.AttackerBenign[0].History);
        Assert.Contains(scenario.DataReports, report => report.ToString().EndsWith("; 1 with earlier turns (history)", StringComparison.Ordinal));
    }

    [Fact]
    public void The_shape_is_the_files_and_not_that_of_its_first_row()
    {
        using var tiny = new TinyScenario();
        tiny.Parts["evaluation_benign"].Insert(0, """{"prompt":"q","response":null,"domain":"tea"}""");
        Assert.Contains("TITER526 Row 1 (line 1) has no field 'response'", Assert.Throws<ScenarioException>(tiny.Open).Message,
            StringComparison.Ordinal);

        // Where no row has an answer, questions alone are the shape.
        tiny.Parts["evaluation_benign"] = [.. Enumerable.Range(0, 3).Select(i => $$"""{"prompt":"q{{i}}","response":null,"domain":"tea"}""")];
        Assert.All(tiny.Open().Data.EvaluationBenign, e => Assert.Equal("", e.Answer));
    }

    [Theory]
    [InlineData("rows.csv", "zzz how is it done?,zzz so\nzzz again?,zzz thus\n", "")]
    [InlineData("rows.csv", "zzz\nzzz2\n", "")]
    [InlineData("rows.tsv", "zzz\tZzz\nzzz2\tzzz3\n", "")]
    [InlineData("rows.jsonl", "{\"zzz how is it done?\":\"zzz so\"}\n", "")]
    [InlineData("rows.jsonl", "{\"prompt\":\"zzz\",\"completion\":7,\"domain\":\"tea\"}\n", "")]
    [InlineData("rows.jsonl", "{\"prompt\":\"zzz\",\"reply\":\"zzz\",\"domain\":\"tea\"}\n", "")]
    [InlineData("rows.jsonl", "{\"prompt\":\"zzz one\",\"response\":\"zzz so\"}\n{\"prompt\":\"zzz two\",\"response\":\"zzz so\"}\n",
        ", domain: prompt")]
    [InlineData("rows.jsonl", "{\"prompt\":\"zzz one\",\"response\":\"zzz so\"}\n{\"prompt\":\"zzz two\",\"response\":\"zzz so\"}\n",
        ", domain: response")]
    [InlineData("rows.jsonl", "{\"prompt\":\"zzz one\",\"response\":\"zzz so\",\"why\":\"zzz because\\nof it\"}\n", ", domain: why")]
    public void No_refusal_repeats_a_row(string name, string text, string settings)
    {
        using var tiny = new TinyScenario();
        tiny.Write(name, text);
        (tiny.Files["attacker_benign"], tiny.PartSettings["attacker_benign"]) = (name, settings);

        var message = Assert.Throws<ScenarioException>(tiny.Open).Message;

        Assert.Contains("TITER5", message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_column_of_texts_that_is_taken_for_the_domain_is_counted_and_not_repeated()
    {
        using var tiny = new TinyScenario();
        var long_ = new string('x', 200);
        tiny.Parts["attacker_benign"] =
            [.. Enumerable.Range(0, 4).Select(i => $$"""{"prompt":"p{{i}}","response":"r{{(i == 3 ? long_ : "")}}","why":"zzz {{i}}"}""")];
        tiny.PartSettings["attacker_benign"] = ", domain: why";
        tiny.DataSettings = "  max_length: 90";
        var scenario = tiny.Open();
        Assert.All(scenario.DataReports, report => Assert.DoesNotContain(Secret, report.ToString(), StringComparison.Ordinal));

        tiny.DataSettings = "";
        var tooLong = Assert.Throws<ScenarioException>(tiny.Open).Message;
        Assert.Contains("TITER536 Row 4 of attacker_benign has", tooLong, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, tooLong, StringComparison.Ordinal);

        // Forbidden domains must be those of the scenario: what the file has instead is told by its row.
        tiny.Parts["attacker_benign"].RemoveAt(3);
        tiny.Parts["attacker_harmful"] = [.. tiny.Parts["attacker_harmful"],
            .. Enumerable.Range(0, 8).Select(i => TinyScenario.Row($"h{i}", "r", $"zzz {i}"))];
        var stray = Assert.Throws<ScenarioException>(tiny.Open).Message;
        Assert.Contains("TITER533 attacker_harmful has rows of the domain of 5 characters, which is neither known nor withheld (the first is row 7)",
            stray, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, stray, StringComparison.Ordinal);
    }
}
