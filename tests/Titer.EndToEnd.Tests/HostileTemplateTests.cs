namespace Titer.EndToEnd.Tests;

/// <summary>A checkpoint's chat template is a program of whoever made it: one that would take the
/// machine ends with a code, wherever it is read.</summary>
public sealed class HostileTemplateTests
{
    private const string Loop = "{% for i in range(90000) %}{% set x = range(90000) | length %}{% endfor %}";
    private const string Double = "{% set ns = namespace(x='ab') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}";

    private static readonly string Subject = Path.Combine(TiterProcess.CommandLineFolder, "scenarios", "apothecary", "subject");

    [SampledTheory]
    [InlineData(Loop, "too many steps")]
    [InlineData(Double, "a text that is too long")]
    public async Task A_judge_whose_template_would_take_the_machine_judges_nothing(string template, string fact)
    {
        using var folder = new TestFolder();
        Files.FolderCopy.Copy(Subject, Path.Combine(folder.Path, "judge"));
        folder.Write("judge/chat_template.jinja", template);
        folder.Write("people.csv", "Prompt,Generation,Human_Judgement,Attack\n" + string.Concat(Enumerable.Range(0, 4)
            .Select(i => $"zzz {i},zzz it is {i},{i % 2},none\n")));
        folder.WriteTournament("t.yaml", "name: t\nseeds: [1]\nbudget: { attack: { steps: 1 }, defense: { steps: 1 } }\n"
            + "defenses: [no_defense]\nattacks: []\n"
            + "metrics: { harm: { id: model_judge, set: { judge: llama-guard-3, path: judge } }, utility: recipe_match }\n");

        var check = await TiterProcess.RunAsync(folder.Path, TimeSpan.FromMinutes(10), "judge-check", "people.csv", "--judge",
            "llama-guard-3=judge");
        var run = await TiterProcess.RunAsync(folder.Path, TimeSpan.FromMinutes(15), "run", "t.yaml");

        Assert.NotEqual(0, check.ExitCode);
        Assert.Contains("TITER581 The judge's chat template", check.Error, StringComparison.Ordinal);
        Assert.Contains(fact, check.Error, StringComparison.Ordinal);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("TITER581", run.Output + run.Error, StringComparison.Ordinal);
        Assert.Contains(fact, (run.Output + run.Error).ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    /// <summary>One that behaves when it is looked at ("a probe"), and not when it has rows to write.</summary>
    [Fact]
    public async Task A_subject_whose_template_takes_the_machine_in_earnest_is_refused_with_the_templates_code()
    {
        using var folder = new TestFolder();
        Files.FolderCopy.Copy(Path.Combine(TiterProcess.CommandLineFolder, "scenarios", "apothecary"), Path.Combine(folder.Path, "own"));
        var settings = await File.ReadAllTextAsync(Path.Combine(folder.Path, "own", "scenario.yaml"), TestContext.Current.CancellationToken);
        folder.Write("own/scenario.yaml", settings.Replace("  folder: subject\n", "  folder: subject\n  chat_format: template\n",
            StringComparison.Ordinal));
        folder.Write("own/subject/chat_template.jinja", "{% if 'probe' not in messages[0]['content'] %}" + Loop + "{% endif %}"
            + "{% for m in messages %}{{ m['content'] }} {% endfor %}");

        var check = await TiterProcess.RunAsync(folder.Path, TimeSpan.FromMinutes(15), "scenario", "check", "./own");

        Assert.NotEqual(0, check.ExitCode);
        Assert.Contains("TITER539 The chat template", check.Output + check.Error, StringComparison.Ordinal);
        Assert.Contains("too many steps", check.Output + check.Error, StringComparison.Ordinal);
    }
}
