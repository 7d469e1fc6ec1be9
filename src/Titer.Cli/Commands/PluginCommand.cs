using System.CommandLine;
using Titer.Cli.Commands.Plugin;

namespace Titer.Cli.Commands;

/// <summary>What is done with plugins rather than with tournaments.</summary>
internal sealed class PluginCommand(IEnumerable<IPluginVerb> verbs) : ICliCommand
{
    public Command Build()
    {
        var command = new Command("plugin", "Pack, validate, install and remove plugins.");
        foreach (var verb in verbs.Select(v => v.Build()).OrderBy(v => v.Name, StringComparer.Ordinal)) command.Subcommands.Add(verb);
        return command;
    }
}
