using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Runtime.Workers;
using Titer.Tournament;

namespace Titer.Runtime.Tests.Plugins;

/// <summary>What plugins say about themselves and of themselves reaches a terminal only as visible text of a bounded length.</summary>
public sealed class ForeignTextTests : IDisposable
{
    private const string Escape = "\u001b]0;owned\u0007";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("\u001b[2Jx", "\\u001b[2Jx", "\\u001b[2Jx")]
    [InlineData("a\u0000b", "a\\u0000b", "a\\u0000b")]
    [InlineData("one\r\ntwo\tthree", "one\ntwo\tthree", "one\\r\\ntwo\\tthree")]
    [InlineData("\u202Egnp.exe", "\\u202egnp.exe", "\\u202egnp.exe")]
    [InlineData("c1 \u009b31m", "c1 \\u009b31m", "c1 \\u009b31m")]
    [InlineData("Grüße, 世界, \U0001F600 [red]", "Grüße, 世界, \U0001F600 [red]", "Grüße, 世界, \U0001F600 [red]")]
    public void What_a_terminal_would_obey_is_written_out_and_the_rest_stays(string text, string lines, string line) =>
        Assert.Equal((lines, line), (VisibleText.Of(text), VisibleText.OnOneLine(text)));

    [Fact]
    public void Half_a_character_is_written_out()
    {
        var half = "\uD83D alone";
        Assert.Equal("\\ud83d alone", VisibleText.Of(half));
    }

    [Fact]
    public void A_long_text_is_cut_and_says_how_long_it_was()
    {
        Assert.Equal("yyyyy ... (20000000 characters)", VisibleText.Of(new string('y', 20_000_000), 5));
        // Written out it is longer than it was.
        Assert.Equal("\\u001b\\u00 ... (3 characters)", VisibleText.OnOneLine("\u001b\u001b\u001b", 10));
    }

    [Fact]
    public void Metadata_of_a_plugin_is_visible_before_any_of_its_code_runs()
    {
        var folder = PluginCompiler.Compile(_folder.Path, "Loud", """
            [assembly: TiterPlugin("loud", 1, Summary = "\u001b[31mred | [bold]m[/]", Paper = "\u001b[2J\r\nx")]
            [assembly: System.Reflection.AssemblyInformationalVersion("1\u0007")]
            public sealed record Options([property: System.ComponentModel.Description("\u001b[0mwhat")] int Steps = 1);
            public sealed class D : IDefense { public D(Options o) { } public void Immunize(DefenseContext c) { } }
            """);
        var manifest = new PluginGate().Inspect(folder).Plugin!.Manifest;
        Assert.Equal((@"\u001b[31mred | [bold]m[/]", @"\u001b[2J\r\nx", @"1\u0007", @"\u001b[0mwhat"),
            (manifest.Summary, manifest.Paper, manifest.Version, manifest.Options.Fields[0].Description));
    }

    [Fact]
    public void A_refusal_that_quotes_an_id_quotes_it_visibly()
    {
        var folder = PluginCompiler.Compile(_folder.Path, "Odd",
            """[assembly: TiterPlugin("a\u001b[2J", 1)] public sealed class D : IDefense { public void Immunize(DefenseContext c) { } }""");
        var verdict = new PluginGate().Inspect(folder);
        Assert.Equal(@"a\u001b[2J", verdict.Name);
        Assert.DoesNotContain('\u001b', Assert.Single(verdict.Errors).ToString());
    }

    [Fact]
    public void An_exception_of_megabytes_with_escapes_is_a_short_visible_fault()
    {
        var fault = PluginFault.Of(new InvalidOperationException(Escape + new string('y', 20_000_000)));
        Assert.StartsWith(@"\u001b]0;owned\u0007yyy", fault.Message, StringComparison.Ordinal);
        Assert.InRange(fault.Message.Length, 4000, 4100);
        Assert.Null(PhaseResultProblem(fault.Message));
        Assert.Null(PhaseResultProblem(PluginFault.Of(new InvalidOperationException(new string('\u001b', 4000))).Message));
    }

    [Fact]
    public void The_cause_under_an_exception_that_does_not_say_it_is_said()
    {
        var fault = PluginFault.Of(Assert.Throws<TypeInitializationException>(() => Table.Rows));
        Assert.Equal("System.TypeInitializationException", fault.Kind);
        Assert.Contains("Caused by System.IO.DirectoryNotFoundException: Could not find a part of the path '/no/such/table.txt'.", fault.Message,
            StringComparison.Ordinal);
        var wrapped = PluginFault.Of(new InvalidOperationException("outer", new ArgumentException("middle", new FormatException("inner"))));
        Assert.Equal("outer Caused by System.ArgumentException: middle Caused by System.FormatException: inner", wrapped.Message);
    }

    [Fact]
    public void Whatever_a_worker_sends_is_visible_when_it_arrives()
    {
        Assert.Equal(@"\u001b]0;owned\u0007", new PhaseLogLine("information", Escape).Text);
        Assert.InRange(new PhaseLogLine("information", new string('z', 5_000_000)).Text.Length, 16_000, 16_100);
        Assert.Equal(@"\u001b]0;owned\u0007", new FaultMessage("TITER201", Escape).Text);
        Assert.Equal(@"\u001b]0;owned\u0007", new LoadedMessage("f", PluginState.Refused, Escape).Problem);
        Assert.Equal([@"\u001b]0;owned\u0007"], new RefusedMessage([Escape]).Problems);
        Assert.Equal(@"\u001b]0;owned\u0007", new ResultMessage(Failed(Escape)).Result.Reason);
    }

    private static string? PhaseResultProblem(string reason) => reason.Length > 20_000 ? "too long for a result" : null;

    private static PhaseResult Failed(string reason) =>
        new() { PhaseId = "p", Kind = PhaseKind.Defend, Defense = "d", Seed = 1, Status = PhaseStatus.Error, Code = "TITER201", Reason = reason };

    private static class Table
    {
        public static readonly string Rows = File.ReadAllText("/no/such/table.txt");
    }
}
