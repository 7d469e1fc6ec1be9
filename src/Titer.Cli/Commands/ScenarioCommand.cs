using System.CommandLine;
using Spectre.Console;
using Titer.Cli.Printed;
using Titer.Runtime.Authoring;
using Titer.Runtime.Workers;

namespace Titer.Cli.Commands;

/// <summary>
/// Builds the embedded scenario's subject from its seed, and checks a scenario: both in a worker, for this process loads no torch.
/// </summary>
internal sealed class ScenarioCommand(IAnsiConsole console) : ICliCommand
{
    public Command Build() =>
        new("scenario", "Build, check or calibrate a scenario.") { BuildVerb(), CheckVerb(), new CalibrateVerb(console).Build() };

    private Command BuildVerb()
    {
        var name = new Argument<string>("name") { Description = "The embedded scenario to build." };
        name.AcceptOnlyFromAmong("apothecary");
        var output = new Option<string>("--out") { Description = "Folder for the subject.", DefaultValueFactory = _ => "apothecary-subject" };
        var json = new JsonOption("scenario-build-json");
        var command = new Command("build", "Train the embedded scenario's subject from its seed.") { name, output, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var asJson = parsed.GetValue(json);
            var report = await Subjects(WorkerProtection.None, asJson).BuildAsync(parsed.GetValue(output)!, cancellation);
            if (asJson && report.Subject is { } built)
                JsonOutput.Write(new ScenarioBuildDocument(Path.GetFullPath(parsed.GetValue(output)!), built.Seed, built.WeightsSha256,
                    built.BeforeAlignment, built.AfterAlignment), PrintedJson.Default.ScenarioBuildDocument);
            else console.WriteLine(report.Text);
            return ExitCodes.Success;
        });
        return command;
    }

    private Command CheckVerb()
    {
        var name = new Argument<string>("scenario") { Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => "apothecary",
            Description = "Embedded scenario's name, or a path." };
        var plugins = new Option<string[]>("--plugins") { Description = "More plugin folders, for metrics that are plugins.",
            AllowMultipleArgumentsPerToken = true };
        var json = new JsonOption("scenario-check-json");
        var command = new Command("check", "Verify a scenario's files and re-measure its subject.") { name, plugins, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var sources = TournamentOptions.PluginSources(parsed.GetValue(plugins) ?? []);
            var asJson = parsed.GetValue(json);
            var report = await Subjects(WorkerProtection.Detect(SandboxMode.Auto), asJson)
                .CheckAsync(parsed.GetValue(name)!, sources, cancellation);
            if (asJson && report.Scenario is { } found)
                JsonOutput.Write(new ScenarioCheckDocument(found.Passed, found.Scenario, found.Hash, found.Subject, found.Facts),
                    PrintedJson.Default.ScenarioCheckDocument);
            else console.WriteLine(report.Text);
            return report.Passed ? ExitCodes.Success : ExitCodes.SomeCellFailed;
        });
        return command;
    }

    private SubjectSupervisor Subjects(WorkerProtection protection, bool isQuiet) =>
        new(WorkerProgram.Dll, protection, isQuiet ? Console.Error.WriteLine : console.WriteLine);
}
