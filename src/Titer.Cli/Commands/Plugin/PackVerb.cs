using System.CommandLine;
using Titer.Cli.Printed;
using Titer.Plugins;
using Titer.Plugins.Packaging;

namespace Titer.Cli.Commands.Plugin;

/// <summary>Makes a package of a built plugin.</summary>
internal sealed class PackVerb : IPluginVerb
{
    public Command Build()
    {
        var path = new Argument<string>("path") { Description = "The built plugin's folder, or its dll." };
        var output = new Option<string>("--out") { Description = "Folder for the package.", DefaultValueFactory = _ => "." };
        var command = new Command("pack", "Write a plugin as a NuGet package.") { path, output };
        command.Validators.Add(given =>
        {
            if (given.GetValue(path) is "" || given.GetValue(output) is "") given.AddError("TITER610 A path is empty. Name a folder.");
        });
        var result = new VerbResult();
        result.AddTo(command);
        command.SetAction(parsed =>
        {
            var outcome = new PluginPackage(new PluginGate()).Pack(parsed.GetValue(path)!, parsed.GetValue(output)!);
            return result.Say(parsed, new PluginDocument("pack", outcome.File is not null, outcome.Manifest?.Id, outcome.Manifest?.PackageVersion,
                outcome.File, null, outcome.Problems));
        });
        return command;
    }
}
