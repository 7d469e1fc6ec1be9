using System.CommandLine;
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
        command.SetAction(parsed =>
        {
            var outcome = new PluginInstaller(home, new PluginGate()).Remove(parsed.GetValue(id)!);
            return VerbResult.Say(outcome.Record is null ? null : $"removed {outcome.Record.Id} {outcome.Record.Version}".TrimEnd(),
                outcome.Problems);
        });
        return command;
    }
}
