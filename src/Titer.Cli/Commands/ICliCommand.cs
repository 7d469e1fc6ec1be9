using System.CommandLine;

namespace Titer.Cli.Commands;

/// <summary>One verb of the command line.</summary>
internal interface ICliCommand
{
    Command Build();
}
