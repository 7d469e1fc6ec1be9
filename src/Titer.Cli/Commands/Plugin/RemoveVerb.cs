using System.CommandLine;
using Titer.Cli.Printed;
using Titer.Files;
using Titer.Plugins;
using Titer.Plugins.Packaging;

namespace Titer.Cli.Commands.Plugin;

/// <summary>Removes an installed plugin.</summary>
internal sealed class RemoveVerb(TiterHome home) : IPluginVerb
{
    public Command Build()
    {
        var id = new Argument<string>("id") { Description = "The plugin's id, as 'titer list' shows it." };
        var command = new Command("remove", "Remove an installed plugin.") { id };
        var result = new VerbResult();
        result.AddTo(command);
        command.SetAction(parsed =>
        {
            var outcome = new PluginInstaller(home, new PluginGate()).Remove(parsed.GetValue(id)!);
            return result.Say(parsed,
                new PluginDocument("remove", outcome.Record is not null, outcome.Record?.Id, outcome.Record?.Version, null, null,
                outcome.Problems));
        });
        return command;
    }
}
