using System.CommandLine;
using Spectre.Console;
using Titer.Cli.Printed;
using Titer.Runtime.Configuration.Protocols;

namespace Titer.Cli.Commands;

/// <summary>Lists the protocols that a tournament can be played under.</summary>
internal sealed class ProtocolCommand(IAnsiConsole console) : ICliCommand
{
    public Command Build()
    {
        var json = new JsonOption("protocol-json");
        var command = new Command("protocol", "How others attack, by name: what each protocol fixes and what it leaves out.") { json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(json))
                JsonOutput.Write([.. ProtocolTable.All.Values.Select(p => new ProtocolDocument(p.Name, p.Cite, p.Fixes, p.LeavesOut))],
                    PrintedJson.Default.IReadOnlyListProtocolDocument);
            else foreach (var line in ProtocolTable.All.Values.SelectMany(p => p.Describe([]))) console.Profile.Out.Writer.WriteLine(line);
            return ExitCodes.Success;
        });
        return command;
    }
}
