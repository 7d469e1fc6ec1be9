using System.CommandLine;
using Spectre.Console;
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
        var command = new Command("build", "Train the embedded scenario's subject from its seed.") { name, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            var report = await Subjects(WorkerProtection.None).BuildAsync(parsed.GetValue(output)!, cancellation);
            console.WriteLine(report.Text);
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
        var sandbox = new SandboxOption();
        var command = new Command("check", "Verify a scenario's files and re-measure its subject.") { name, plugins, sandbox };
        command.SetAction(async (parsed, cancellation) =>
        {
            var sources = TournamentOptions.PluginSources(parsed.GetValue(plugins) ?? []);
            var protection = WorkerProtection.Detect(sandbox.Of(parsed));
            var report = await Subjects(protection).CheckAsync(parsed.GetValue(name)!, sources,
                metrics => Strangers.WallsAsync(metrics, protection, sandbox.Of(parsed)), cancellation);
            console.WriteLine(report.Text);
            return report.Passed ? ExitCodes.Success : ExitCodes.SomeCellFailed;
        });
        return command;
    }

    private SubjectSupervisor Subjects(WorkerProtection protection) => new(WorkerProgram.Dll, protection, console.WriteLine);
}
