using System.CommandLine;
using Spectre.Console;
using Titer.Scenarios;

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
        var command = new Command("check", "Which preset a file looks like, what it repeats, and what several files share.") { files };
        command.SetAction(parsed =>
        {
            var named = parsed.GetValue(files)!;
            var lines = named is [var only] && (Directory.Exists(only) || only.EndsWith(".yaml", StringComparison.Ordinal))
                ? DataCheck.OfScenario(Scenario.Open(Path.GetFullPath(only)))
                : DataCheck.OfFiles(named);
            foreach (var line in lines) Write(line);
            return ExitCodes.Success;
        });
        return command;
    }

    private Command ListVerb()
    {
        var command = new Command("list", "The presets: source, licence, citation. Nothing is downloaded.");
        command.SetAction(_ =>
        {
            foreach (var line in DataCheck.Presets()) Write(line);
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>Lines as they are: a path is no markup, and is not broken.</summary>
    private void Write(string line) => console.Profile.Out.Writer.WriteLine(line);
}
