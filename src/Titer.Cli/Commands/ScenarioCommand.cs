using System.CommandLine;
using Spectre.Console;
using Titer.Cli.Printed;
using Titer.Files;
using Titer.Runtime.Authoring;
using Titer.Runtime.Configuration;
using Titer.Runtime.Workers;
using Titer.Scenarios.Apothecary;

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
        var tier = new Option<string>("--tier") { Description = "Size of the subject: small or standard.",
            DefaultValueFactory = _ => ApothecaryTier.Small.Name };
        tier.AcceptOnlyFromAmong([.. ApothecaryTier.All.Select(t => t.Name)]);
        var seed = new Option<ulong>("--seed") { Description = "Another seed makes a private twin: other tables, the same language.",
            DefaultValueFactory = _ => ApothecaryBuilder.Seed };
        var output = new Option<string?>("--out") { Description =
            "Folder for the scenario; default that of the standard tier under TITER_HOME, where tournaments find it by name, else its name." };
        var json = new JsonOption("scenario-build-json");
        var command = new Command("build", "Train the embedded scenario's subject from a seed, and write the scenario around it.")
        {
            name, tier, seed, output, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var (chosen, number, asJson) = (ApothecaryTier.All.Single(t => t.Name == parsed.GetValue(tier)), parsed.GetValue(seed),
                parsed.GetValue(json));
            var folder = Path.GetFullPath(parsed.GetValue(output) ?? DefaultFolder(chosen, number));
            if (File.Exists(Path.Combine(folder, "scenario.yaml")))
                throw new ConfigurationException($"TITER650 {folder} has a scenario already. Remove it, or name another folder with --out.");
            var report = await Subjects(WorkerProtection.None, asJson).BuildAsync(folder, chosen, number, cancellation);
            if (asJson && report.Subject is { } built)
            {
                JsonOutput.Write(new ScenarioBuildDocument(folder, built.Seed, built.WeightsSha256, built.BeforeAlignment, built.AfterAlignment,
                    built.Refusal), PrintedJson.Default.ScenarioBuildDocument);
                return ExitCodes.Success;
            }

            console.WriteLine(report.Text);
            console.WriteLine($"scenario: {folder}");
            return ExitCodes.Success;
        });
        return command;
    }

    private static string DefaultFolder(ApothecaryTier tier, ulong seed) =>
        seed != ApothecaryBuilder.Seed ? $"{tier.ScenarioName}-twin"
        : tier == ApothecaryTier.Small ? tier.ScenarioName
        : Path.Combine(TiterHome.FromEnvironment().ScenariosFolder, tier.ScenarioName);

    private Command CheckVerb()
    {
        var name = new Argument<string>("scenario") { Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => "apothecary",
            Description = "Embedded scenario's name, or a path." };
        var plugins = new Option<string[]>("--plugins") { Description = "More plugin folders, for metrics that are plugins.",
            AllowMultipleArgumentsPerToken = true };
        var sandbox = new SandboxOption();
        var json = new JsonOption("scenario-check-json");
        var command = new Command("check", "Verify a scenario's files and re-measure its subject.") { name, plugins, sandbox, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var sources = TournamentOptions.PluginSources(parsed.GetValue(plugins) ?? []);
            var (protection, asJson) = (WorkerProtection.Detect(sandbox.Of(parsed)), parsed.GetValue(json));
            var report = await Subjects(protection, asJson).CheckAsync(parsed.GetValue(name)!, sources,
                metrics => Strangers.WallsAsync(metrics, protection, sandbox.Of(parsed)), cancellation);
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
