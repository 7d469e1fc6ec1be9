using System.CommandLine;
using Spectre.Console;
using Titer.Models;
using Titer.Models.Native;
using Titer.Scenarios;
using Titer.Scenarios.Apothecary;

namespace Titer.Cli.Commands;

/// <summary>Builds the embedded scenario's subject from its seed, and checks a scenario. The verbs that load torch in this process.</summary>
internal sealed class ScenarioCommand(IAnsiConsole console) : ICliCommand
{
    public Command Build() =>
        new("scenario", "Build, check or calibrate a scenario.") { BuildVerb(), CheckVerb(), new CalibrateVerb(console).Build() };

    private Command BuildVerb()
    {
        var name = new Argument<string>("name") { Description = "The embedded scenario to build." };
        name.AcceptOnlyFromAmong("apothecary");
        var output = new Option<string>("--out") { Description = "Folder for the subject.", DefaultValueFactory = _ => "apothecary-subject" };
        var command = new Command("build", "Train the embedded scenario's subject from its seed.") { name, output };
        command.SetAction((parsed, cancellation) =>
        {
            NativeTorch.EnsureLoaded();
            var report = ApothecaryBuilder.Build(parsed.GetValue(output)!, DeviceSelection.Open("cpu"), new ConsoleLines(console), cancellation);
            console.WriteLine(report.ToString());
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }

    private Command CheckVerb()
    {
        var name = new Argument<string>("scenario") { Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => "apothecary",
            Description = "Embedded scenario's name, or a path." };
        var command = new Command("check", "Verify a scenario's files and re-measure its subject.") { name };
        command.SetAction(parsed =>
        {
            var scenario = Scenario.Open(parsed.GetValue(name)!);
            NativeTorch.EnsureLoaded();
            var report = ScenarioCheck.Run(scenario, DeviceSelection.Open("cpu"));
            console.WriteLine(report.ToString());
            return report.Passed ? ExitCodes.Success : ExitCodes.SomeCellFailed;
        });
        return command;
    }

    private sealed class ConsoleLines(IAnsiConsole console) : IProgress<string>
    {
        public void Report(string value) => console.WriteLine(value);
    }
}
