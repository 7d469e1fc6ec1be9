using System.CommandLine;
using Spectre.Console;
using Titer.Cli.Printed;
using Titer.Runtime.Configuration;
using Titer.Runtime.Results;
using Titer.Scenarios;
using Titer.Tournament.Scoring;

namespace Titer.Cli.Commands;

/// <summary>Writes a defended model of a run as a checkpoint folder; nothing is played.</summary>
internal sealed class ExportCommand(IAnsiConsole console) : ICliCommand
{
    public Command Build()
    {
        var defense = new Argument<string>("defense") { Description = "A defense of the board, as the leaderboard calls it." };
        var seed = new Option<int>("--seed") { Required = true, Description = "Which of the models that it made." };
        var output = new Option<string>("--out") { Required = true, Description = "Folder for the checkpoint; not there yet, or empty." };
        var from = new Option<string>("--from") { Description = "The run's results folder.",
            DefaultValueFactory = _ => Path.Combine("results", "apothecary") };
        var scenarioPath = new Option<string?>("--scenario") { Description = "The scenario, where the run's own path is not valid here." };
        var json = new JsonOption("export-json");
        var command = new Command("export", "Write a defended model of a run as a checkpoint folder in Hugging Face layout, with a model card.")
        {
            defense, seed, output, from, scenarioPath, json,
        };
        command.SetAction(parsed =>
        {
            using var run = StoredRun.Open(parsed.GetValue(from)!);
            var spec = run.Spec;
            var scenario = Scenario.Open(parsed.GetValue(scenarioPath) ?? spec.ScenarioSource ?? spec.Scenario);
            if (scenario.Hash != spec.ScenarioHash)
                throw new ConfigurationException(
                    $"TITER616 The run was played with scenario {spec.Scenario} {spec.ScenarioHash[..12]}, this one is {scenario.Id} "
                        + $"{scenario.Hash[..12]}: configuration and tokenizer may be of another subject. Name the right one with --scenario.");
            var (plan, results) = run.Load();
            var report = run.Warned(TournamentFold.Report(spec, plan, results));
            var target = parsed.GetValue(output)!;
            var hash = ReleasedModel.Write(run.Folder, scenario, report, results, parsed.GetValue(defense)!, parsed.GetValue(seed), target);
            if (parsed.GetValue(json))
                JsonOutput.Write(new ExportDocument(parsed.GetValue(defense)!, parsed.GetValue(seed), Path.GetFullPath(target), hash),
                    PrintedJson.Default.ExportDocument);
            else console.Profile.Out.Writer.WriteLine($"{Path.GetFullPath(target)}: weights {hash}. README.md has the row, budgets and hashes.");
            return ExitCodes.Success;
        });
        return command;
    }
}
