using System.CommandLine;
using System.Globalization;
using Titer.Cli.Printed;
using Titer.Files.Codes;
using Titer.Runtime.Configuration;
using Titer.Sdk.Naming;

namespace Titer.Cli.Commands;

/// <summary>Says what a code means, where it comes from and what helps; without one, lists all.</summary>
internal sealed class ExplainCommand : ICliCommand
{
    private const int NumberAt = 5;

    public Command Build()
    {
        var code = new Argument<string?>("code")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "As it is printed, or its number alone; left out, all are listed.",
        };
        code.CompletionSources.Add(_ => CodePage.All.Select(known => new System.CommandLine.Completions.CompletionItem(known.Code)));
        var page = new Option<bool>("--page") { Description = "Print all of them as a page of the documentation." };
        var json = new JsonOption("explain-json");
        var command = new Command("explain", "Say what a code means, its cause and its fix.") { code, json, page };
        command.SetAction(parsed =>
        {
            var asked = parsed.GetValue(code);
            var asJson = parsed.GetValue(json);
            if (parsed.GetValue(page)) Console.Out.Write(Page());
            else if (asked is not null && asJson) JsonOutput.Write(Known(asked), PrintedJson.Default.TiterCode);
            else if (asked is not null) Console.Out.WriteLine(One(Known(asked)));
            else if (asJson) JsonOutput.Write(CodePage.All, PrintedJson.Default.IReadOnlyListTiterCode);
            else foreach (var known in CodePage.All) Console.Out.WriteLine($"{known.Code}  {known.Meaning}");
            return ExitCodes.Success;
        });
        return command;
    }

    private static string Page() => $"""
        # Codes

        Everything that Titer refuses or reports has one of these codes, the fact, and the fix. `titer explain CODE` prints one. A code never changes
        its meaning. This page is made by `titer explain --page`.

        | code | meaning | cause | fix |
        |---|---|---|---|
        {string.Join('\n', CodePage.All.Select(c => $"| {c.Code} | {Cell(c.Meaning)} | {Cell(c.Cause)} | {Cell(c.Fix)} |"))}

        """;

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);

    private static TiterCode Known(string asked)
    {
        if (CodePage.Find(asked) is { } known) return known;
        var near = Near(CodePage.Canonical(asked));
        var suggestion = near.Length > 0 ? $" Near it: {string.Join(", ", near)}." : "";
        throw new ConfigurationException($"TITER620 There is no code '{asked}'.{suggestion} 'titer explain' lists all.");
    }

    private static string One(TiterCode code) => $"""
        {code.Code} {code.Meaning}
          Room:  {string.Join(", ", code.Rooms)}
          Cause: {code.Cause}
          Fix:   {code.Fix}
        """;

    /// <summary>The code with the fewest edits, and those just under and over the number; in order.</summary>
    private static string[] Near(string asked)
    {
        string[] all = [.. CodePage.All.Select(known => known.Code)];
        var near = new SortedSet<string>(StringComparer.Ordinal);
        if (NearestName.Of(asked, all) is { } nearest) near.Add(nearest);
        if (asked.Length > NumberAt && int.TryParse(asked[NumberAt..], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            int Number(string code) => int.Parse(code.AsSpan(NumberAt), CultureInfo.InvariantCulture);
            if (all.LastOrDefault(code => Number(code) < number) is { } under) near.Add(under);
            if (all.FirstOrDefault(code => Number(code) > number) is { } over) near.Add(over);
        }

        return [.. near];
    }
}
