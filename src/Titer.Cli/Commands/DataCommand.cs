using System.CommandLine;
using Spectre.Console;
using Titer.Cli.Printed;
using Titer.Scenarios;
using Titer.Scenarios.Data.Presets;

namespace Titer.Cli.Commands;

/// <summary>What data files are; nothing of a row is printed.</summary>
internal sealed class DataCommand(IAnsiConsole console) : ICliCommand
{
    public Command Build() => new("data", "Published data sets by name, and what a file looks like.") { CheckVerb(), ListVerb() };

    private Command CheckVerb()
    {
        var files = new Argument<string[]>("files")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "Data files, or one scenario (a folder with a scenario.yaml).",
        };
        var json = new JsonOption("data-check-json");
        var command = new Command("check", "Which preset a file looks like, what it repeats, and what several files share.") { files, json };
        command.SetAction(parsed =>
        {
            var named = parsed.GetValue(files)!;
            var report = named is [var only] && (Directory.Exists(only) || only.EndsWith(".yaml", StringComparison.Ordinal))
                ? DataCheck.OfScenario(Scenario.Open(Path.GetFullPath(only)))
                : DataCheck.OfFiles(named);
            if (parsed.GetValue(json))
                JsonOutput.Write(new DataCheckDocument(report.Files, report.Repeats, report.Shared), PrintedJson.Default.DataCheckDocument);
            else foreach (var line in report.Lines()) Write(line);
            return ExitCodes.Success;
        });
        return command;
    }

    private Command ListVerb()
    {
        var json = new JsonOption("data-list-json");
        var command = new Command("list", "The presets: source, licence, citation. Nothing is downloaded.") { json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(json))
                JsonOutput.Write([.. DataPresets.All.Values.Select(p => new PresetDocument(p.Name, p.Source, p.Licence, p.Cite, p.IsTried))],
                    PrintedJson.Default.IReadOnlyListPresetDocument);
            else foreach (var preset in DataPresets.All.Values) Write(preset.ToString());
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>Lines as they are: a path is no markup, and is not broken.</summary>
    private void Write(string line) => console.Profile.Out.Writer.WriteLine(line);
}
