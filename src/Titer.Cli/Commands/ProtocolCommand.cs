using System.CommandLine;
using Spectre.Console;
using Titer.Runtime.Configuration.Protocols;

namespace Titer.Cli.Commands;

/// <summary>Lists the protocols that a tournament can be played under.</summary>
internal sealed class ProtocolCommand(IAnsiConsole console) : ICliCommand
{
    public Command Build()
    {
        var command = new Command("protocol", "How others attack, by name: what each protocol fixes and what it leaves out.");
        command.SetAction(_ =>
        {
            foreach (var line in ProtocolTable.All.Values.SelectMany(p => p.Describe([]))) console.Profile.Out.Writer.WriteLine(line);
            return ExitCodes.Success;
        });
        return command;
    }
}
