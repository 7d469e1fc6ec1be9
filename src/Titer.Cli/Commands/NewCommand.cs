using System.CommandLine;
using Titer.Cli.Install;
using Titer.Cli.Printed;
using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Configuration;

namespace Titer.Cli.Commands;

/// <summary>Makes the project of a new plugin, with its tests and a tournament, that builds wherever titer is installed.</summary>
internal sealed class NewCommand(TiterHome home) : ICliCommand
{
    public Command Build()
    {
        var kind = new Argument<string>("kind") { Description = "defense, attack or metric." };
        kind.AcceptOnlyFromAmong("defense", "attack", "metric");
        var name = new Argument<string>("name") { Description = "A namespace, for example My.Defense; the plugin's id is my_defense then." };
        var output = new Option<string>("--out") { Description = "Folder in which the project's folder is made.", DefaultValueFactory = _ => "." };
        var feed = new Option<string?>("--feed") { Description = "Folder with the SDK's packages, in place of the one that titer keeps." };
        var json = new JsonOption("new-json");
        var command = new Command("new", "Make the project of a new plugin, with tests and a tournament.") { kind, name, output, feed, json };
        command.SetAction(parsed =>
        {
            var project = new PluginProject(parsed.GetValue(kind)!, parsed.GetValue(name)!);
            project.Check();
            var taken = PluginCatalog.Scan(TournamentOptions.PluginSources([])).Plugins;
            if (taken.TryGetValue(project.Id, out var other))
                throw new ConfigurationException(
                    $"TITER660 There is a plugin '{project.Id}' already, in {other.Folder}: a tournament could not tell them apart. Take another "
                        + "name.");
            var packages = SdkFeed.Of(home, parsed.GetValue(feed));
            var folder = project.Write(parsed.GetValue(output)!, SdkFeed.Portable(packages), SdkFeed.VersionIn(packages));
            var at = Path.GetRelativePath(Environment.CurrentDirectory, folder);
            var built = Path.Combine(parsed.GetValue(name)!, "bin", "Debug", "net10.0");
            string[] next =
            [
                $"cd {at}", "dotnet build", "dotnet test", $"titer plugin validate {built}", $"titer play {parsed.GetValue(name)}",
                $"titer run tournament.yaml --plugins {built}",
            ];
            if (parsed.GetValue(json))
                JsonOutput.Write(new NewDocument(project.Id, parsed.GetValue(kind)!, folder, next), PrintedJson.Default.NewDocument);
            else Console.Out.WriteLine($"{project.Id}: {folder}\n\n{string.Join('\n', next)}");
            return ExitCodes.Success;
        });
        return command;
    }
}
